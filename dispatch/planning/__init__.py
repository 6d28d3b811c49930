"""From bookings and fleets to a checked plan, and from the plan to who drives where and when."""
