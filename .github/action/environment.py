"""What the Action needs around the program: before it is installed, and after it ended. Standard library alone.

    python environment.py place      where environment and store are, and what their caches are called
    python environment.py install    the program in an environment of its own, unless the cache had one that works
    python environment.py close      the store whole and at rest, so that it can be kept

Everything is asked of and told to the runner by files and variables; nothing here is ever part of a shell's text.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ACTION = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "src", "connectors", "config")
"""What the program is built from: another one is another environment."""
STORE = "trackersync.db"
WORKS = "import trackersync"
STRANGERS = frozenset({
    "check_run", "check_suite", "discussion", "discussion_comment", "fork", "gollum", "issue_comment", "issues",
    "label", "milestone", "public", "pull_request_target", "status", "watch", "workflow_run",
})  # fmt: skip
"""Events of the default branch that people without rights can cause: since June 2026 GitHub lets their runs restore
caches and not save any ("Read-only Actions cache for untrusted triggers", changelog of 2026-06-26)."""
FORKED = ("pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment")


def main(verb: str) -> int:
    """Do one of the three; 0, or 1 where the program cannot be installed."""
    return {"place": place, "install": install, "close": close}[verb]()


def place() -> int:
    """Say where everything is. The caches' names differ with all that makes their content another."""
    root = Path(os.environ["RUNNER_TEMP"]) / "trackersync"
    environment = root / "environment"
    name = os.environ.get("TRACKERSYNC_ACTION_STATE", "").strip()
    given = os.environ.get("TRACKERSYNC_ACTION_STATE_FILE", "").strip()
    kept = name != "none" and not given
    state = root / "state" / _slug(name)
    if not kept:
        (root / "state").mkdir(parents=True, exist_ok=True)
        state = Path(tempfile.mkdtemp(prefix="none-", dir=root / "state"))
    state.mkdir(parents=True, exist_ok=True)
    store = Path(given).absolute() if given else state / STORE
    prefix = f"trackersync-state-{_slug(name)}-"
    run = f"{os.environ.get('GITHUB_RUN_ID', '0')}-{os.environ.get('GITHUB_RUN_ATTEMPT', '1')}"
    program = "Scripts/trackersync.exe" if sys.platform == "win32" else "bin/trackersync"
    keep = kept and _trusted() and os.environ.get("TRACKERSYNC_ACTION_COMMAND", "").strip() != "preview"
    event = os.environ.get("GITHUB_EVENT_NAME", "")
    if keep and event in STRANGERS:
        print(
            f"::warning title=trackersync::GitHub lets no run on `{event}` save a cache, since anybody can cause it: "
            "what this run writes is forgotten, and not counted against the limits. Let the event start a run by "
            "workflow_dispatch, as config/workflows/trackersync-events.yaml does."
        )
    tell(
        environment=environment,
        key="-".join(["trackersync-environment", *_machine(), _digest(environment)]),
        program=environment / program,
        state=state,
        store=store,
        # An earlier step of this job left it here: it is newer than whatever the cache has.
        restore=_word(kept and not store.exists()),
        keep=_word(keep),
        prefix=prefix,
        # A cache is never written twice: each step of each job of a run has a name of its own.
        **{"state-key": f"{prefix}{run}-{time.time_ns() // 1_000_000:x}"},
    )
    return 0


def install() -> int:
    """Make the environment, unless there is one in which the program starts."""
    environment = Path(os.environ["TRACKERSYNC_ENVIRONMENT"])
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    # Isolated: what is checked out is a stranger's, and a `logging.py` in it would be run in the library's place.
    if python.exists() and _ran([str(python), "-I", "-c", WORKS]):
        print("trackersync is installed: from the cache")
        return 0
    # The pip there is installs into the new environment, which so needs none of its own: smaller, and sooner made.
    venv = [sys.executable, "-I", "-m", "venv", "--clear", "--without-pip", str(environment)]
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--no-input"]
    if _ran(venv) and _ran([*pip, "install", "--quiet", str(ACTION)]):
        print(f"trackersync is installed, with Python {sys.version.split()[0]}")
        return 0
    print("::error title=trackersync::It could not be installed; what pip says is above.")
    return 1


def close() -> int:
    """Write what waits beside the store into it, and look whether it is whole: a broken one is not kept."""
    store = Path(os.environ["TRACKERSYNC_ACTION_STORE"])
    whole = False
    if store.is_file():
        try:
            with closing(sqlite3.connect(store, timeout=10)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                whole = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.Error:
            whole = False
        if not whole:
            print("::warning title=trackersync::The store is not whole, so it is not kept: the last one kept stays.")
    tell(whole=_word(whole))
    return 0


def tell(**outputs: object) -> None:
    """Outputs of this step, each between marks that nobody can guess."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8", newline="\n") as file:
        for name, value in outputs.items():
            mark = f"mark-{secrets.token_hex(16)}"
            file.write(f"{name}<<{mark}\n{value}\n{mark}\n")


def _machine() -> tuple[str, str, str]:
    system, kind = os.environ.get("RUNNER_OS", sys.platform), os.environ.get("RUNNER_ARCH", "")
    return system, kind, sys.version.split()[0]


def _digest(environment: Path) -> str:
    """Of what is built, and of the paths that an environment has written into it."""
    found = hashlib.sha256(f"{sys.base_prefix}\n{environment}\n".encode())
    for part in PARTS:
        top = ACTION / part
        files = [top] if top.is_file() else sorted(file for file in top.rglob("*") if file.is_file())
        for file in files:
            if "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(ACTION).as_posix()}\n".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:20]


def _slug(name: str) -> str:
    """A name as part of a path and of a cache's name, both of which take few letters."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name):
        return name
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40].strip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _trusted() -> bool:
    """Whether this run is of the repository's own making: not of a fork's pull request."""
    if not os.environ.get("GITHUB_EVENT_NAME", "").startswith(FORKED):
        return True
    try:
        event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        head = event["pull_request"]["head"]["repo"]["full_name"]
    except (KeyError, OSError, TypeError, ValueError):
        # A fork that was deleted has no repository.
        return False
    return bool(head == os.environ.get("GITHUB_REPOSITORY"))


def _word(yes: bool) -> str:
    return "true" if yes else "false"


def _ran(command: list[str]) -> bool:
    sys.stdout.flush()
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - our own interpreters


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
