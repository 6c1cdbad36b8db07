"""The kit the panels are made of: the holder of the study, controls, grids, live charts, sections."""
