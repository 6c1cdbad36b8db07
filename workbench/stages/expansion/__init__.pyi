from .charts import figures as figures
from .decision import Decision as Decision
from .evaluation import evaluate as evaluate
from .evidence import gather as gather
from .suggestion import suggest as suggest
from .view import VIEW as VIEW
from .view import summarise as summarise
