"""Command line of the dispatch package; every module loads its heavy libraries only when it runs."""
