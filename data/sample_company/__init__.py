"""The parts from which data/make_sample.py makes the fictional company Quillmere Analytics."""
