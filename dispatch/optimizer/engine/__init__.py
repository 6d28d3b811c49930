"""The compiled search engine: an array-level Instance in, routes with start times out."""
