"""What a service says: in both forms, one line for each record, whatever stands in it, and never a credential."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from pydantic import SecretStr

from trackersync.config.secrecy import revealed
from trackersync.connector.settings import TrackerSettings
from trackersync.errors import ConfigError
from trackersync.worker import journaling
from trackersync.worker.journaling import Secrets, keep_secret, log_requests, run_id, set_up

TOKEN = "made-up-token-0123456789"
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nAoGBAKj34GkxFhD90vcNLY\n-----END KEY-----\n"

Said = Callable[[], list[str]]


@pytest.fixture
def said(request: pytest.FixtureRequest) -> Iterator[Said]:
    """A service's log, in the form that the test names; as it was afterwards."""
    form = getattr(request, "param", "json")
    names = ["", "trackersync", *journaling._OTHERS]
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    handlers = list(logging.getLogger().handlers)
    stream = io.StringIO()
    set_up(form, (TOKEN, KEY), to=stream)
    yield lambda: stream.getvalue().split("\n")[:-1]
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers[:] = handlers
    for name, (level, propagate) in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate


both = pytest.mark.parametrize("said", journaling.FORMATS, indirect=True)
log = logging.getLogger("trackersync.worker")


def test_a_line_of_json_says_when_how_grave_what_and_of_which_run(said: Said) -> None:
    with run_id(tracker="github", subject="1:17") as name:
        log.warning("item %s of %s is held", "1:17", "github")
    log.info("another configuration holds")
    first, second = map(json.loads, said())
    at = datetime.fromisoformat(first.pop("time"))
    assert at.utcoffset() is not None
    assert at.utcoffset().total_seconds() == 0
    assert first == {
        "level": "warning",
        "logger": "trackersync.worker",
        "event": "item 1:17 of github is held",
        "run_id": name,
        "tracker": "github",
        "subject": "1:17",
    }
    assert "run_id" not in second


@pytest.mark.parametrize("said", ["text"], indirect=True)
def test_a_line_of_text_says_the_same(said: Said) -> None:
    with run_id(job="check") as name:
        log.error("the job failed", extra={"outcome": "failed"})
    (line,) = said()
    assert line.endswith(f"Z error   the job failed  run_id={name}  job=check  outcome=failed")


@contextmanager
def alone() -> Iterator[None]:
    """Nobody listens but us: what pytest keeps of a log is sent to another process, and half a character breaks it."""
    root = logging.getLogger()
    others = [one for one in root.handlers if not any(isinstance(each, Secrets) for each in one.filters)]
    for one in others:
        root.removeHandler(one)
    try:
        yield
    finally:
        for one in others:
            root.addHandler(one)


HOSTILE = [
    ("a line of its own", 'x\n2026-01-01T00:00:00.000Z error   all is lost\n{"level": "error"}'),
    ("a carriage return", "x\rerased"),
    ("colours", "\x1b[31mred\x1b[0m\x1b]0;title\x07"),
    ("eight-bit controls", "\x9b31mred\x85next"),
    ("Unicode's own line ends", "x\u2028y\u2029z\x0b\x0c\x1c\x1e"),
    ("right to left", "abc\u202edcba\u2066\u200f\u061c"),
    ("nothing to see", "a\u200bb\ufeff\x00"),
    ("half a character", "\udcff\ud800"),
    ("quotes", '"}, {"level": "error", "event": "'),
]


@both
@pytest.mark.parametrize("text", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_what_others_wrote_stays_within_its_line(said: Said, text: str) -> None:
    with alone(), run_id(tracker="github", subject=text):
        log.warning("set aside: %s", text, extra={"delivery": text})
    lines = said()
    assert len(lines) == 1
    (line,) = lines
    assert line.isprintable()
    line.encode()
    if line.startswith("{"):
        assert json.loads(line)["event"] == f"set aside: {text}"
        assert json.loads(line)["level"] == "warning"


@both
def test_ordinary_words_of_any_language_stay_what_they_are(said: Said) -> None:
    log.warning("Prüfung läuft: проверка, 検証 👍")
    (line,) = said()
    shown = json.loads(line)["event"] if line.startswith("{") else line
    assert "Prüfung läuft: проверка, 検証 👍" in shown


@both
def test_a_traceback_looks_like_no_other_line(said: Said) -> None:
    def fail() -> None:
        raise ValueError(f"x\n2026-01-01T00:00:00.000Z error   all is lost\r\x1b[2K {TOKEN}")

    try:
        fail()
    except ValueError:
        log.exception("the look failed")
    first, *rest = said()
    assert TOKEN not in "\n".join([first, *rest])
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
    if first.startswith("{"):
        assert not rest
        assert "ValueError" in json.loads(first)["traceback"]


SECRETS = [
    ("in the sentence", lambda: log.error("Authorization: Bearer made-up-token-0123456789")),
    ("as an argument", lambda: log.error("%s", f"token={TOKEN}")),
    ("beside the sentence", lambda: log.error("x", extra={"subject": TOKEN})),
    ("a line of a key", lambda: log.error("could not read MIIEvQIBADANBgkqhkiG9w0")),
    ("a key in one piece", lambda: log.error("%s", KEY)),
    ("a key as Python shows it", lambda: log.error("%r", {"private_key": KEY})),
    ("an address with a password", lambda: log.error("cannot open postgresql://sync:hunter22@db.example/sync")),
    ("of a library", lambda: logging.getLogger("uvicorn.error").error("header %s", TOKEN)),
    ("in a warning of Python's", lambda: warnings.warn(TOKEN, stacklevel=1)),
]


@both
@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("say", [row[1] for row in SECRETS], ids=[row[0] for row in SECRETS])
def test_a_credential_is_struck_out(said: Said, say: Callable[[], None]) -> None:
    say()
    text = "\n".join(said())
    assert text
    for secret in (TOKEN, "MIIEvQ", "AoGBAK", "hunter22"):
        assert secret not in text


def test_credentials_of_a_reloaded_configuration_are_struck_out_too_and_those_before_stay_so(said: Said) -> None:
    keep_secret({"another-token-98765", "ab"})
    log.error("another-token-98765, %s and grab", TOKEN)
    assert json.loads(said()[0])["event"] == "***, *** and grab"


def test_all_credentials_of_a_configuration_are_known() -> None:
    settings = TrackerSettings(connector="github", url="https://api.example", token=SecretStr(TOKEN))
    nested = {"hooks": [SecretStr("secret-of-a-hook")]}
    store = SecretStr("postgresql://sync:hunter22@db.example/sync")
    found = revealed({"github": settings}, nested, store, SecretStr(""), SecretStr("sqlite:///trackersync.db"))
    assert found == {TOKEN, "secret-of-a-hook", "hunter22"}


async def test_what_goes_on_side_by_side_is_told_apart(said: Said) -> None:
    async def look(subject: str) -> None:
        with run_id(subject=subject):
            await asyncio.sleep(0)
            await asyncio.to_thread(log.info, "looked at %s", subject)

    await asyncio.gather(*(look(f"1:{n}") for n in range(5)))
    thread = threading.Thread(target=log.info, args=("of no run",))
    thread.start()
    thread.join()
    *looks, other = map(json.loads, said())
    assert all(one["event"] == f"looked at {one['subject']}" for one in looks)
    assert len({one["run_id"] for one in looks}) == 5
    assert "run_id" not in other


def test_libraries_say_only_what_is_a_warning(said: Said) -> None:
    for name in ("uvicorn", "uvicorn.error", "procrastinate.worker", "httpx", "sqlalchemy.engine"):
        logging.getLogger(name).info("routine")
        logging.getLogger(name).warning("of note")
    logging.getLogger("uvicorn.access").warning("GET /webhooks/github?secret")
    log.debug("detail")
    assert [json.loads(line)["event"] for line in said()] == ["of note"] * 5


def test_requests_are_told_only_to_whoever_asks(said: Said) -> None:
    assert log_requests(verbose=False) is None
    tell = log_requests(verbose=True)
    assert tell is not None
    tell("GET", "/repos/acme/shop/issues?since=x", 200, 12.4, "3F2A:1B")
    assert said() == []
    set_up("json", verbose=True, to=(stream := io.StringIO()))
    tell("GET", "/repos/acme/shop/issues?since=x", 0, 12.4, "")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"].rstrip() == "GET /repos/acme/shop/issues?since=x no answer 12 ms"
    assert json.loads(line)["level"] == "debug"


def test_set_up_again_says_nothing_twice(said: Said) -> None:
    set_up("json", to=(stream := io.StringIO()))
    log.warning("once")
    assert said() == []
    assert len(stream.getvalue().splitlines()) == 1


def test_another_format_is_a_mistake_that_is_named(said: Said) -> None:
    with pytest.raises(ConfigError, match="xml"):
        set_up("xml")
