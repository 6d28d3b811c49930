"""Rounds of caregivers whose visits may need two of them: at once, or one a while after the other."""
