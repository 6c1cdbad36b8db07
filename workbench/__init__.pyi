from .customers import CustomerBase as CustomerBase
from .errors import DataErrors as DataErrors
from .errors import WorkbenchError as WorkbenchError
from .pricing import AddOn as AddOn
from .pricing import Band as Band
from .pricing import Charge as Charge
from .pricing import Feature as Feature
from .pricing import Limit as Limit
from .pricing import Plan as Plan
from .pricing import PriceBook as PriceBook
from .rendering.declared import open_stage as open_stage
from .rendering.session import Session as Session
from .rendering.session import open_study as open_study
from .rendering.stage_check import check_stage as check_stage
from .study import Study as Study

__version__: str
