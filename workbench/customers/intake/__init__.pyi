from .mapping import ImportMap as ImportMap
from .mapping import MappingError as MappingError
from .mapping import map_frame as map_frame
from .mapping import map_tables as map_tables
from .matching import Answer as Answer
from .matching import TableMap as TableMap
from .shapes import KnownExport as KnownExport
from .shapes import recognise as recognise
