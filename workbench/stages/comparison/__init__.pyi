from .side_by_side import FIGURES_CAPTION as FIGURES_CAPTION
from .side_by_side import ScenarioColumn as ScenarioColumn
from .side_by_side import ScenarioComparison as ScenarioComparison
from .side_by_side import compare_outcomes as compare_outcomes
from .side_by_side import compare_side_by_side as compare_side_by_side
from .side_by_side import differences_frame as differences_frame
from .side_by_side import figures as figures
