"""Claims: born from completed services with their evidence, scrubbed, sent, decided."""
