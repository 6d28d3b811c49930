"""What services are called and how payers count them: codes, rounding, rental months, a payer's terms."""
