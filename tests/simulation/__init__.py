"""Long runs against a whole installation: load, faults, benchmarks; each is a command of its own."""
