"""The command line: read arguments, open the configuration, walk the road, draw the outcome, end with its exit code.

Heavy imports stand inside the commands, so that ``--help`` and shell completion answer at once.
"""

from trackersync.cli.app import main

__all__ = ["main"]
