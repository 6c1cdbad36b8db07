from .charts import figures as figures
from .decision import Decision as Decision
from .decision import MigrationDecision as MigrationDecision
from .evaluation import evaluate as evaluate
from .evaluation import gather as gather
from .evaluation import reads as reads
from .evaluation import summarise as summarise
from .view import VIEW as VIEW
