"""The planner's desk: one board by the time left, which says what must be done now and nothing else."""
