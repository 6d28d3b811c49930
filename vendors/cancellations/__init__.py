"""Who pays what when work is called off or nobody is there, by contract."""
