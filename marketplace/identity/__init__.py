"""Who is here: organizations, facilities, users and their roles, and how each of them proves who they are."""
