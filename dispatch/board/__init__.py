"""The dispatcher's live board: every vehicle's day, what is at risk, and changes made by hand."""
