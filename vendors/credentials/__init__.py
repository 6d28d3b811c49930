"""Papers that let a vendor, a vehicle or a crew member serve, and when they stop doing so."""
