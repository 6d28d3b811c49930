"""A lifelike metro area to walk through: made from a seed by every floor's own verbs, nothing painted on."""
