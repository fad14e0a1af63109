"""``python -m trackersync``: the command line, by way of a Python of one's choice."""

from trackersync.cli import main

main()
