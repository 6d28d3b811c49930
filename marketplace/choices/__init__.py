"""The patient's choice of a home-health agency: the directory, the list, its presentation, the choice."""
