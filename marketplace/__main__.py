"""`python -m marketplace` is the `homeward` command."""

from marketplace.cli import main

main()
