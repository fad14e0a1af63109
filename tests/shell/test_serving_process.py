"""What a service needs of its process before it can do anything: signals that do not end it, open files."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from product import environment
from trackersync.cli import serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of open files")

PREPARED = """
import os, resource, signal, sys
soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from trackersync.cli.serving import prepare
connections = prepare()
os.kill(os.getpid(), signal.SIGHUP)
print(connections, *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "files"),
    [
        (256, 1300, 1000, 1256),
        (256, 700, 444, 700),
        (1280, 1300, 1000, 1280),
        (256, 260, 16, 260),
    ],
    ids=["raised to what it needs", "raised as far as it goes", "left where it is enough", "hardly any"],
)
def test_files_are_had_and_a_reload_that_comes_early_ends_nothing(
    soft: int, hard: int, connections: int, files: int
) -> None:
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-c", PREPARED, str(soft), str(hard)],
        env=environment(), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, [str(connections), str(files), str(hard)]), done.stderr


class _Stuck:
    """A service that does not hear that it is to stop."""

    async def run(self, configuration: object, stop: asyncio.Event, began: Callable[[], None]) -> None:
        began()
        await asyncio.sleep(4)


class _Slow:
    """A receiver that takes a while to come to its end."""

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await asyncio.sleep(0.6)


def test_a_service_that_does_not_stop_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert serving.PATIENCE < 10, "what is promised"
    monkeypatch.setattr(serving, "PATIENCE", 0.8)
    told: list[float] = []

    def began() -> None:
        told.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    stuck: Any = _Stuck()
    configuration: Any = None
    serving.serve_until_told(stuck, configuration, _Slow(), began)
    assert 0.7 < time.monotonic() - told[0] < 1.2, "both ends are waited for together"
