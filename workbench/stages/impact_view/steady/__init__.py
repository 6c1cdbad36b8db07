"""Steadier revenue: what commitments, pools, smoothing, caps and a free baseline would do to it and to customers."""
