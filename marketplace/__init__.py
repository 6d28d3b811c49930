"""Ground and roof of Homeward: who is here and what is booked below, the assembled product above."""
