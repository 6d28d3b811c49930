"""The pages and routes of billing: the payer's queue, a claim, the vendor's billing, the money."""
