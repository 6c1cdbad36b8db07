from .base import Coverage as Coverage
from .base import CustomerBase as CustomerBase
from .base import Gap as Gap
from .base import mrr_matrix as mrr_matrix
from .base import usage_cube as usage_cube
from .needs import Profile as Profile
from .needs import profile as profile
