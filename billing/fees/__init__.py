"""Fees for cancelled work as money: charged, withdrawn when waived, paid, or kept back from a payment."""
