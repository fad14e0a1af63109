"""The real program against the sandbox over sockets, killed with SIGKILL at random moments, then run to the end.

One round is drawn from a seed: a small shop in both stand-ins, a configuration and an SQLite store in a folder, and
the program as its user starts it, killed several times in a row while people edit in both trackers and, sometimes, an
answer is lost. Then it runs to its end, and three times more two minutes later, planning nothing; and ``judge`` says,
from the stand-ins' own history, whether every promise was kept. A seed draws all that is decided; the moments are the
machine's, so a seed played again falls near, not on, the same spots.

``pytest tests/kill`` plays 6 rounds. More of them, or one with its whole log, in the checkout::

    python -m tests.kill 0-199
    python -m tests.kill 0-199 --abreast 2            # two rounds at a time
    python -m tests.kill 17
    python -m tests.kill --plant blind-retry 0-9      # a bug of ``spoilt.PLANTS`` planted: every round may fail
"""

import sys
from pathlib import Path

# What all tests share stands beside this package, however it was started: by pytest, or as ``tests.kill``.
if (_TESTS := str(Path(__file__).parents[1])) not in sys.path:
    sys.path.append(_TESTS)
