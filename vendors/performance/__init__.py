"""How vendors kept their promises: one record for each award that ended, and what follows from many."""
