"""How a round starts the program: as its user does, or through ``spoilt`` with a later clock or a bug in it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from product import MAIN, TOKENS, environment

SPOILT = Path(__file__).with_name("spoilt.py")


@dataclass(frozen=True)
class Program:
    """How to start the program in a folder.

    Attributes:
        folder: where its configuration and store are.
        bug: the name of a planted bug; empty for the program as it is, started as its user starts it.
        ahead: the seconds its clock runs ahead.
    """

    folder: Path
    bug: str = ""
    ahead: float = 0.0

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it; what it prints goes into files, so that it never waits for a reader."""
        command = [sys.executable, "-c", MAIN]
        if self.bug or self.ahead:
            command = [sys.executable, str(SPOILT), str(self.ahead), self.bug]
        with (self.folder / "out").open("w") as out, (self.folder / "err").open("w") as err:
            return subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
                [*command, *words], cwd=self.folder, env=environment(**TOKENS), stdout=out, stderr=err, text=True
            )

    def printed(self) -> tuple[str, str]:
        """What the last one printed, on standard output and standard error."""
        return (self.folder / "out").read_text(), (self.folder / "err").read_text()
