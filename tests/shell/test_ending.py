"""Output that cannot be written ends in one sentence and exit code 2; a reader that stops, in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from product import MAIN

FULL = Path("/dev/full")
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""As people have it: what is printed may wait in a buffer until the end."""
CONFIGURATION = """\
trackers:
  github: {connector: github, token: abc, repositories: [acme/shop], stages: {done: {state: closed}}}
"""
COMMANDS = {
    "little for machines": ["config", "--format", "json"],
    "more than a buffer": ["config", "--schema"],
    "a mistake for machines": ["config", "nosuch", "--format", "json"],
}


def run(folder: Path, words: list[str], out: int, err: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    (folder / "trackersync.yaml").write_text(CONFIGURATION, encoding="utf-8")
    command = [sys.executable, "-c", MAIN, *words]
    return subprocess.run(command, cwd=folder, env=BUFFERED, stdout=out, stderr=err, text=True, timeout=60, check=False)  # noqa: S603  # us


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_full_disk(tmp_path: Path, words: list[str]) -> None:
    with FULL.open("w") as full:
        done = run(tmp_path, words, full.fileno())
    assert done.returncode == 2
    assert done.stderr == "The output cannot be written: No space left on device. What is shown is not all.\n"


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_what_is_still_to_be_written_is_written_at_the_end() -> None:
    words = "from trackersync.cli.ending import ended; ended(lambda: print('x'))"
    with FULL.open("w") as full:
        command = [sys.executable, "-c", words]
        done = subprocess.run(command, env=BUFFERED, stdout=full, stderr=subprocess.PIPE, check=False)  # noqa: S603  # us
    assert (done.returncode, b"cannot be written" in done.stderr) == (2, True)


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_a_full_disk_for_errors_too(tmp_path: Path) -> None:
    with FULL.open("w") as full:
        assert run(tmp_path, ["config"], full.fileno(), full.fileno()).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE to be like")
@pytest.mark.parametrize("words", [["config"], ["config", "--schema"]], ids=("little", "more than a buffer"))
def test_a_reader_that_stops(tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(tmp_path, words, writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
