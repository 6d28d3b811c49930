"""Offering work, accepting it, and what happens to the promise afterwards."""
