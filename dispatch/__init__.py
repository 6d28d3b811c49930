"""Who goes where, when and in which vehicle; and what happened on the way."""
