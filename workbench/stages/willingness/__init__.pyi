from .decision import WillingnessDecision as WillingnessDecision
from .evaluation import WillingnessResult as WillingnessResult
from .evaluation import evaluate as evaluate
from .evidence import DemandEvidence as DemandEvidence
from .evidence import gather as gather
from .panel import WillingnessPanel as WillingnessPanel
from .panel import open_panel as open_panel
from .price_search import find_prices as find_prices
