"""The ledger: double entry, append-only, balanced by construction and by constraint."""
