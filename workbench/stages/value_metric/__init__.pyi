from .charts import figures as figures
from .decision import Decision as Decision
from .evaluation import evaluate as evaluate
from .evaluation import suggest as suggest
from .evaluation import summarise as summarise
from .evidence import gather as gather
from .view import VIEW as VIEW
