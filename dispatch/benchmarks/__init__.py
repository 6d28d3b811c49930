"""Public instances, city days and peers side by side; nothing else imports this room."""
