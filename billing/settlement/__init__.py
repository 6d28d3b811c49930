"""Paying vendors: deposits of payers, transfers through Stripe Connect, and what the two sides agree on."""
