"""A PostgreSQL server of the tests' own: made, started and stopped here, as a user without rights, on loopback.

``with running() as server`` starts one in some tenths of a second; each ``server.database()`` is a new one in it. Tests
ask for the fixtures ``postgres`` (the server that all tests of a process share) and ``postgres_url`` (a database in
it). Its texts sort as people sort them and not by code points, as on many servers: no store may depend on that.

Where PostgreSQL is not installed these tests are skipped, unless ``TRACKERSYNC_POSTGRES`` names the folder of its
programs: then what is missing is a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "TRACKERSYNC_POSTGRES"
"""Names the folder of PostgreSQL's programs; with it, what is missing there is a failure and no skip."""

USER = "trackersync"
_NOBODY = 65534
_STARTS_WITHIN = 30.0
_TRIES = 3


def programs() -> Path:
    """The folder of ``initdb`` and ``postgres``: where the environment says, on the path, or where Debian puts them."""
    named = os.environ.get(FOLDER)
    if named:
        assert (Path(named) / "initdb").is_file(), f"{FOLDER} is set, but there is no initdb in {named}"
        return Path(named)
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if path.parts[4].isdigit()]
    if not debian:
        pytest.skip("a store on PostgreSQL needs PostgreSQL, and it is not on this machine; .ci/run installs it")
    return max(debian, key=lambda path: int(path.parts[4]))


@dataclass
class Server:
    """A server in a folder of its own.

    Attributes:
        folder: everything of it.
        port: where it listens, at 127.0.0.1 and at a socket in the folder.
        durable: a commit is on the disk when it has ended; without, it is faster and a power cut may undo it.
    """

    folder: Path
    port: int
    durable: bool = False
    _running: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        """Start it, and wait until it answers. A server that was stopped or killed goes on with what it had."""
        quick = () if self.durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            "max_connections=100",
            *quick,
        )
        options = [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._running = _begin([str(programs() / "postgres"), "-D", str(self.folder / "data"), *options], log)
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._answers():
            if self._running.poll() is not None or time.monotonic() > deadline:
                self.stop(signal.SIGQUIT)
                raise ServerError(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-1000:]}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415 - only where a server is there to be asked

        try:
            psycopg.connect(self.address("postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: at once and orderly with SIGINT, as a power cut does with SIGQUIT. Stopping twice is harmless.

        See https://www.postgresql.org/docs/15/server-shutdown.html.
        """
        if self._running is not None:
            if self._running.poll() is None:
                self._running.send_signal(how)
            self._running.wait(_STARTS_WITHIN)
            self._running = None

    def address(self, database: str, *, user: str = USER) -> str:
        """The URL of a database of it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template0") -> str:
        """Make a new database, and give its URL; empty, or like another one that nobody is connected to."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement by itself, and give its rows."""
        import psycopg  # noqa: PLC0415 - the same

        with closing(psycopg.connect(self.address(database), autocommit=True)) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


class ServerError(Exception):
    """The server does not start."""


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A new server, stopped and taken away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="trackersync-pg-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        made = _begin(
            [
                *(str(programs() / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "trust", "--no-sync"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"),
            ],
            subprocess.PIPE,
        )
        said = made.communicate(timeout=60)[0].decode(errors="replace")
        if made.returncode:
            raise ServerError(f"PostgreSQL makes no cluster: {said[-1000:]}")
        server = _started(folder, durable=durable)
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, *, durable: bool) -> Server:
    for left in reversed(range(_TRIES)):
        server = Server(folder, _free_port(), durable)
        try:
            server.start()
        except ServerError:  # somebody else may have taken the port in the meantime
            if not left:
                raise
        else:
            return server
    raise AssertionError


def _begin(command: list[str], out: object) -> subprocess.Popen[bytes]:
    """Begin a program of PostgreSQL's, which refuses to run as root; it ends when this process is killed."""
    with_us = shutil.which("setpriv")
    as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}
    return subprocess.Popen(  # noqa: S603 - found where it is installed, with our own words
        [*((with_us, "--pdeathsig", "QUIT") if with_us else ()), *command],
        stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd="/", start_new_session=True, **as_nobody,
    )  # type: ignore[call-overload]  # fmt: skip


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
