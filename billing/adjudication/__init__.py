"""Decisions on claims: approve, deny with a reason, ask for more, answer."""
