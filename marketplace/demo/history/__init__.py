"""What lies behind the demo's day: months of finished work, written in bulk into the verbs' own tables."""
