"""The command line: read arguments, open the configuration, walk the road, draw the outcome, end with its exit code.

Heavy imports stand inside the commands, so that ``--help`` and shell completion answer at once.
"""

import sys

from trackersync.cli.stopping import INTERRUPTED, listen_no_more, standing, stop_at_sigterm

__all__ = ["main"]


def main() -> None:
    """The command `trackersync`; stopped while it starts or ends, it says so like anywhere between."""
    try:
        stop_at_sigterm()
        # Half a second of imports, in which Ctrl-C is as likely as later.
        from trackersync.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write(f"{standing.sentence()}\n")
        sys.exit(INTERRUPTED)
    finally:
        listen_no_more()
