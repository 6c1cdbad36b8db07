"""The pages of a workshop: for participants, the wall and the facilitator, each one file that needs nothing else."""
