from .charts import figures as figures
from .evaluation import Decision as Decision
from .evaluation import evaluate as evaluate
from .evaluation import gather as gather
from .evaluation import summarise as summarise
from .suggestion import suggest as suggest
from .view import VIEW as VIEW
