"""Bookings: rides and deliveries asked for one care-plan task, and their life until they are done or off."""
