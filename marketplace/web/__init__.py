"""What the rooms need to answer over HTTP: pages, forms, tables, live changes, JSON routes."""
