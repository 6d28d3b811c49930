"""Trips by air: quoted leg by leg, booked as one act, watched on one page."""
