"""Vendors as the marketplace knows them: profiles, areas, contracts, rate cards and capacity."""
