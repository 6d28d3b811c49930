"""File formats in which problems and solutions are read and written."""
