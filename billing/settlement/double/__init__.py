"""A stand-in for Stripe on loopback: the part of its REST interface that Homeward uses."""
