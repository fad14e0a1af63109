"""Nothing that was accepted is lost: not in a flood, not at a stop in the middle, not at a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import taking

from benchmarks import flooding
from trackersync.store import open_store

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seconds", [0.3, 0.6])
def test_what_was_accepted_before_a_kill_is_in_the_store(tmp_path: Path, seconds: float) -> None:
    accepted, got = _stopped_in_a_flood(tmp_path, seconds, signal.SIGKILL)
    assert accepted <= got
    # One that was committed, and whose sender was not told, is sent again and known then.
    assert len(accepted) > 0


def test_a_stop_answers_what_is_under_way(tmp_path: Path) -> None:
    """Not one is in the store that its sender does not know of."""
    accepted: set[str] = set()
    with taking.taking(tmp_path) as one:
        sending = _sending(one.port, accepted)
        time.sleep(0.5)
    sending.join(20)
    assert accepted == _stored(tmp_path / "inbox.db") != set()


def test_a_stop_waits_for_the_store(tmp_path: Path) -> None:
    """A delivery that waits for another writer when the stop comes is committed and answered all the same."""
    answers: list[int] = []
    with open_store(str(tmp_path / "inbox.db")) as other:
        with taking.taking(tmp_path) as one:
            writer = other.write()
            writer.__enter__()
            sending = threading.Thread(target=lambda: answers.append(one.post().status))
            sending.start()
            time.sleep(0.2)
            threading.Timer(0.6, writer.__exit__, (None, None, None)).start()
        sending.join(20)
        assert answers == [202]
        assert len(other.unsorted()) == 1


def _stopped_in_a_flood(folder: Path, seconds: float, how: signal.Signals) -> tuple[set[str], set[str]]:
    file = folder / "inbox.db"
    path = os.pathsep.join(str(ROOT / one) for one in ("src", "connectors"))
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, taking.__file__, str(file)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}
    ) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())

        accepted: set[str] = set()
        sending = _sending(port, accepted)
        time.sleep(seconds)
        child.send_signal(how)
        child.wait(20)
        sending.join(20)
    return accepted, _stored(file)


def _sending(port: int, accepted: set[str]) -> threading.Thread:
    """Send until the receiver is no more; the ids of what was accepted are there when the thread has ended."""

    def send() -> None:
        accepted.update(asyncio.run(flooding.flood(port, taking.SECRET, 0, 100_000, 20))[1])

    sending = threading.Thread(target=send)
    sending.start()
    return sending


def _stored(file: Path) -> set[str]:
    with open_store(str(file)) as store:
        return {delivered.received.id for delivered in store.unsorted(1_000_000)}
