from .deck import slides_of as slides_of
from .deck import write_slides as write_slides
