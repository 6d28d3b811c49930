"""People who play the demo's day over HTTP as planners, vendors, crews and payers would."""
