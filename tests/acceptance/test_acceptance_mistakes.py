"""What newcomers get wrong, through the real program: each message says what, where and what next.

The table stands in ``mistakes``. Whether a message reads well is for people to judge; that its three parts are there,
and nothing of the machinery and no secret is, is judged here. ``SHOW=1 pytest -s`` reads them all aloud.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mistakes.known import KNOWN
from mistakes.pointed import POINTED
from mistakes.typed import TYPED
from mistakes.written import WRITTEN
from product import MAIN, TOKENS, Ran, Shop, environment, invoke, ran
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mistakes.mistake import Mistake
    from trackersync.sandbox import Sandbox

MISTAKES: dict[str, Mistake] = {**WRITTEN, **POINTED, **KNOWN, **TYPED}
ASKED_FOR = 60
JARGON = re.compile(
    r"ValidationError|pydantic|httpx|httpcore|SSLError|SSLCert|ssl\.c|CERTIFICATE_VERIFY|gaierror|Errno|msgspec"
    r"|Exception|Traceback|yaml\.|ScannerError|ParserError|sqlalchemy|\bNone\b|<class|0x[0-9a-f]{6}|site-packages"
    r"|malformed|block mapping|flow sequence|any token|scalar"
)
"""What belongs to the machinery, and tells a newcomer nothing."""
SECRETS = (*TOKENS.values(), "sesame", "expired0123456789", "invalid9876543210")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as sandbox:
        yield sandbox


@pytest.fixture
def shop(sandbox: Sandbox, folder: Path) -> Iterator[Shop]:
    """The sample shop in a folder of its own; what a mistake does to the trackers is undone."""
    github, jira = sandbox.github, sandbox.jira
    clock = jira.clock
    yield Shop(sandbox, folder)
    github.visible = github.push = jira.may_browse = True
    jira.captcha, jira.clock = False, clock
    for model in (github, jira):
        model.requests.clear()
        model.faults.clear()


@pytest.fixture(scope="module", autouse=True)
def begun(
    sandbox: Sandbox, connectors_declared: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, subprocess.Popen[str]]]:
    """The mistakes that take long, all at once, each in a process of its own."""
    children = {}
    for name, mistake in MISTAKES.items():
        if mistake.slow:
            shop = Shop(sandbox, tmp_path_factory.mktemp("slow"))
            with pytest.MonkeyPatch.context() as monkeypatch:
                for key, token in TOKENS.items():
                    monkeypatch.setenv(key, token)
                mistake.make(shop, monkeypatch)
                children[name] = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
                    [sys.executable, "-c", MAIN, *mistake.command],
                    cwd=shop.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                )  # fmt: skip
    yield children
    for child in children.values():
        child.kill()
        child.communicate()


def test_they_are_as_many_as_was_asked_for() -> None:
    assert len(MISTAKES) >= ASKED_FOR
    assert len(MISTAKES) == len(WRITTEN) + len(POINTED) + len(KNOWN) + len(TYPED), "two of one name"


def judge(name: str, done: Ran) -> None:
    mistake = MISTAKES[name]
    told = f"{name}: {done.code}\n{done.out}{done.err}"
    if "SHOW" in os.environ:
        print(f"\n===== {told}")
    assert done.code == mistake.code, told
    for part, words in (("what", mistake.what), ("where", mistake.where), ("what next", mistake.then)):
        assert words in done.said, f"it does not say {part}: {words!r} in\n{told}"
    assert not JARGON.search(done.said), told
    assert not [secret for secret in SECRETS if secret in done.out + done.err], told


@pytest.mark.parametrize("name", [name for name, mistake in MISTAKES.items() if not mistake.slow])
def test_a_mistake(shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    mistake = MISTAKES[name]
    if mistake.powerless and os.geteuid() == 0:
        pytest.skip("root may do everything")
    before = shop.state()
    mistake.make(shop, monkeypatch)
    judge(name, invoke(*mistake.command))
    assert shop.state() == before


@pytest.mark.parametrize("name", [name for name, mistake in MISTAKES.items() if mistake.slow])
def test_a_mistake_that_takes_long(begun: Mapping[str, subprocess.Popen[str]], name: str) -> None:
    out, err = begun[name].communicate(timeout=60)
    judge(name, ran(begun[name].returncode, out, err))


def with_windows_lines(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def test_what_looks_like_a_mistake_and_is_none(shop: Shop) -> None:
    plain = shop.run("check", "--format", "json")
    text = shop.file.read_text(encoding="utf-8")
    shop.file.write_bytes(with_windows_lines(text))
    assert shop.run("check").code == plain.code == 1, "Windows line ends and a byte order mark"

    shop.file.write_text(text.replace("- 'stage: build'", '- "🚧 build"').replace("- SHOP", "- SHOP  # ours"), "utf-8")
    done = shop.run("check", "--store", "other.db")
    assert done.code == 1, "a label with an emoji, a comment, a store without sqlite:///"
    assert (shop.folder / "other.db").is_file()
