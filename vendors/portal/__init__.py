"""The pages of a vendor's office."""
