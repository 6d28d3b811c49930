"""Sources of the browser code and their build; nothing here runs in the web process."""
