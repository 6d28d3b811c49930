"""Finding a vendor: whom to ask first and why, in turn or all at once, until one accepts."""
