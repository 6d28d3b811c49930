"""What a vendor works with: depots, vehicles, crews, shifts, blocked times and stock."""
