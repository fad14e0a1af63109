"""Whether a container is well: ``python -m trackersync.cli.alive`` ends with 0, or with 1 and a sentence.

A service answers at ``/healthz``. A command that runs once is well while it runs, since its container ends with it.
Asked every few seconds, so it imports next to nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path

FIRST = Path("/proc/1/cmdline")
"""The words of the container's first process: the program itself, or what runs it."""
PORT = 8484
"""Where a service listens that is told nothing else."""
VARIABLE = "TRACKERSYNC_SERVICE__PORT"
_SECONDS = 3.0


def port_of(words: Sequence[str], environ: Mapping[str, str]) -> int | None:
    """The port at which this command answers for its health; None where it answers at none.

    Args:
        words: the command line of the container's first process.
        environ: the container's variables, which a command line overrides.

    Raises:
        ValueError: what stands for the port is no number.
    """
    after = next((place for place, word in enumerate(words) if Path(word).name == "trackersync"), None)
    command = [] if after is None else list(words[after + 1 :])
    if command[:1] not in (["serve"], ["worker"]):
        return None
    named = [word.removeprefix("--port=") for word in command if word.startswith("--port=")]
    named += [then for word, then in pairwise(command) if word == "--port"]
    if named:
        return int(named[-1])
    # A worker listens only where it is told to.
    return None if command[0] == "worker" else int(environ.get(VARIABLE) or PORT)


def trouble(port: int) -> str:
    """What is wrong with the service at a port of this machine; empty where it is well."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"nothing answers at port {port}: {type(error).__name__}"
    finally:
        connection.close()
    return "" if status == 200 else f"the service answers {status}"


def main() -> None:
    """Look, and end with 0 or 1."""
    port = port_of(FIRST.read_text(encoding="utf-8", errors="replace").split("\0"), os.environ)
    said = "" if port is None else trouble(port)
    if said:
        sys.exit(said)


if __name__ == "__main__":
    main()
