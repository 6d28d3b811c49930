"""What was done becomes a claim, a decision, a payment."""
