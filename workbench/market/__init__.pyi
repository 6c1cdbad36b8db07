from .price_points import METRIC_OF_UNIT as METRIC_OF_UNIT
from .price_points import VendorOffers as VendorOffers
from .price_points import load_price_points as load_price_points
from .price_points import offers_at as offers_at
from .price_points import vendors as vendors
