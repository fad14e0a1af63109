"""What a service says as it runs: one line on standard error for each thing that an operator may want to know.

A line is a JSON object, for machines, or text. What others wrote (a tracker, a sender, a title) stands in it escaped:
no newline, control or direction character gets through, so nothing can look like another line. Values of credentials
are struck out, wherever they come from; that is the last line of defence, since no message is to hold one.
"""

from __future__ import annotations

import json
import logging
import secrets as chance
import sys
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

from trackersync.core.masking import masked_addresses
from trackersync.errors import ConfigError
from trackersync.http import Log

FORMATS: Final = ("json", "text")
SHORTEST: Final = 6
"""Characters: what is shorter is struck out nowhere, since it would be found in innocent words."""
STRUCK: Final = "***"

_OTHERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "procrastinate", "httpx", "httpcore", "alembic")
"""Loggers of libraries: only what is a warning, and by our own line."""
_ABOUT: Final = ("tracker", "subject", "job", "change", "outcome", "delivery")
"""What a message may be given as ``extra``, and is shown beside its sentence."""

_now: ContextVar[Mapping[str, str]] = ContextVar("run", default={})  # noqa: B039 - never changed, only replaced


@contextmanager
def run_id(**about: str) -> Iterator[str]:
    """Mark all that is said within as of one run.

    Args:
        about: what it is a run of: tracker, subject, job.
    """
    name = chance.token_hex(4)
    token = _now.set({"run_id": name, **about})
    try:
        yield name
    finally:
        _now.reset(token)


class Secrets(logging.Filter):
    """Strikes out credentials, and notes on each record which run it is of."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._values: tuple[str, ...] = ()

    def add(self, values: Iterable[str]) -> None:
        """Strike these out too, from now on; those of a configuration that holds no more stay struck out."""
        with self._lock:
            known = {*self._values, *_spelled(values)}
            # The longest first: of one that holds another nothing is left.
            self._values = tuple(sorted(known, key=len, reverse=True))

    def strike(self, text: str) -> str:
        """A text without them."""
        for value in self._values:
            text = text.replace(value, STRUCK)
        return masked_addresses(text) if "://" in text else text

    def filter(self, record: logging.LogRecord) -> bool:
        """Note it; see ``logging``."""
        record.run = _now.get()
        return True


_secrets = Secrets()


class _Lines(logging.Formatter):
    """What both forms have in common."""

    def _parts(self, record: logging.LogRecord) -> tuple[dict[str, str], str]:
        """What is said beside the sentence, and the traceback."""
        about = dict(getattr(record, "run", {}))
        for name in _ABOUT:
            value = getattr(record, name, None)
            if value is not None:
                about[name] = str(value)
        detail = self.formatException(record.exc_info) if record.exc_info else ""
        return {name: _secrets.strike(value) for name, value in about.items()}, _secrets.strike(detail)

    @staticmethod
    def _time(record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @staticmethod
    def _sentence(record: logging.LogRecord) -> str:
        return _secrets.strike(record.getMessage())


class Json(_Lines):
    """A JSON object in a line, of ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Write it."""
        about, detail = self._parts(record)
        said = {
            "time": self._time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._sentence(record),
            **about,
        }
        if detail:
            said["traceback"] = detail
        return json.dumps(said, ensure_ascii=True)


class Text(_Lines):
    """A line for people; a traceback stands below it, indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Write it."""
        about, detail = self._parts(record)
        beside = "".join(f"  {name}={escaped(value)}" for name, value in about.items())
        line = f"{self._time(record)} {record.levelname.lower():<7} {escaped(self._sentence(record))}{beside}"
        return "\n    ".join([line, *map(escaped, detail.split("\n"))]) if detail else line


def escaped(text: str) -> str:
    r"""A text in one line that shows what it holds: ``\n``, ``\x1b``, ``\u202e`` instead of what would act."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def set_up(form: str, secrets: Collection[str] = (), *, verbose: bool = False, to: TextIO | None = None) -> None:
    """Say from now on what is to be said; once per process.

    Args:
        form: one of ``FORMATS``.
        secrets: the credentials; more by ``keep_secret``.
        verbose: every request, and what else is of use to whoever looks for a fault.
        to: instead of standard error.

    Raises:
        ConfigError: there is no such form.
    """
    if form not in FORMATS:
        raise ConfigError(f'--log-format: there is no format "{form}"', next_step=f"there are {' and '.join(FORMATS)}")
    keep_secret(secrets)
    stream = logging.StreamHandler(to or sys.stderr)
    stream.setFormatter(Json() if form == "json" else Text())
    stream.addFilter(_secrets)
    root = logging.getLogger()
    for old in [one for one in root.handlers if any(isinstance(each, Secrets) for each in one.filters)]:
        root.removeHandler(old)
    root.addHandler(stream)
    root.setLevel(logging.WARNING)
    logging.getLogger("trackersync").setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _OTHERS:
        other = logging.getLogger(name)
        other.handlers.clear()
        other.setLevel(logging.WARNING)
        other.propagate = name != "uvicorn.access"  # what was asked for is counted, and told by the receiver itself
    logging.captureWarnings(capture=True)


def keep_secret(secrets: Collection[str]) -> None:
    """Strike these out too, wherever they may stand."""
    _secrets.add(secrets)


def log_requests(verbose: bool) -> Log | None:
    """Whom to tell of every request: nobody, or the log."""
    if not verbose:
        return None
    log = logging.getLogger("trackersync.http")

    def said(method: str, path: str, status: int, milliseconds: float, request: str) -> None:
        log.debug("%s %s %s %.0f ms %s", method, path, status or "no answer", milliseconds, request)

    return said


def _spelled(values: Iterable[str]) -> Iterator[str]:
    """Secrets as they may be met: as they are, line by line, and as they stand in JSON."""
    for value in values:
        for one in {value, value.strip(), json.dumps(value)[1:-1], *value.splitlines()}:
            if len(one) >= SHORTEST and not one.startswith("-----"):
                yield one
