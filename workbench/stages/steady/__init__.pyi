from .decision import Decision as Decision
from .evaluation import evaluate as evaluate
from .evaluation import gather as gather
from .evaluation import summarise as summarise
from .view import VIEW as VIEW
from .view import figures as figures
