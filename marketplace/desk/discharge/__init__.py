"""A whole discharge on one page: what, at what price, by whom, when, in which order, why; confirmed once."""
