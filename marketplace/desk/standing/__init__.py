"""Standing orders: the same round trip again and again, from one task, on days of the week."""
