"""Notebooks that are no stage: the start, with the data and the studies, and the scenarios with the report."""
