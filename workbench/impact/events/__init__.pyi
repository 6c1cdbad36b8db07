from .engines import Engine as Engine
from .engines import open_engine as open_engine
from .metering import EventCounts as EventCounts
from .metering import EventMonths as EventMonths
from .metering import EventRules as EventRules
from .metering import events_to_months as events_to_months
from .metering import replay_frame as replay_frame
