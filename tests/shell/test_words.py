"""What people read, wherever they read it: narrow terminals, old consoles, pipes, and names in any writing."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest
import yaml
from rich.cells import cell_len
from typer.testing import CliRunner

from product import TOKENS, Shop, invoke
from trackersync.cli.app import app, main
from trackersync.report.names import cut
from trackersync.report.text.folded import folded, hanging
from trackersync.report.text.preview import Told, _changed
from trackersync.report.text.screen import Screen
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator

CHINESE = "買い物かごの表示が崩れる不具合を修正する、注文履歴の画面でも同じ問題が起きている"
ARABIC = "سلة التسوق لا تظهر السعر الصحيح بعد الخصم"
TURNED = "left\u202eright\u2066 and \x1b[31mred"
_STYLE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;.*?\x1b\\")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Iterator[Shop]:
    """The shop with titles in many writings, read and planned, and a run that was held."""
    with pytest.MonkeyPatch.context() as monkeypatch, running(Options()) as sandbox:
        folder = tmp_path_factory.mktemp("told")
        monkeypatch.chdir(folder)
        for name, token in TOKENS.items():
            monkeypatch.setenv(name, token)
        shop = Shop(sandbox, folder)
        sandbox.jira.edit("SHOP-31", summary=CHINESE)
        sandbox.github.edit(26, title=ARABIC)
        sandbox.github.edit(28, title=TURNED)
        shop.run("check")
        shop.run("sync")
        shop.settings["trackers"]["jira"]["stages"]["build"] = {"statuses": ["In Progress", "Waiting for vendor"]}
        shop.settings["rules"] = {"no-owner": "warning"}
        (folder / "new.yaml").write_text(yaml.safe_dump(shop.settings, sort_keys=False), encoding="utf-8")
        yield shop


@pytest.fixture
def there(told: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """In its folder."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, token in TOKENS.items():
        monkeypatch.setenv(name, token)
    monkeypatch.chdir(told.folder)
    return told


def terminal(words: str, width: int, **environ: str) -> str:
    """What a terminal of this width shows, styles and links included."""
    shown = {"FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm-256color", **environ}
    found = CliRunner().invoke(app, words.split(), env=shown)
    assert found.exception is None or isinstance(found.exception, SystemExit), repr(found.exception)
    return found.stdout + found.stderr


SCREENS = [
    "check --offline --all", "check --offline", "plan --all", "sync", "explain SHOP-31", "conflicts", "status", "runs",
    "runs 1", "people", "people ada-l", "stages", "stages build", "stages deployment", "rules",
    "preview --config new.yaml --all", "store check", "chek", "explain NOPE-1", "check --baseline none.json",
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "width"),
    [*((words, 40) for words in SCREENS), *((words, 80) for words in ("check --offline --all", "plan --all", "runs"))],
)
def test_nothing_is_wider_than_the_terminal(there: Shop, words: str, width: int) -> None:
    lines = _STYLE.sub("", terminal(words, width)).splitlines()
    # Keys and paths are copied, so a word that is wider stays whole.
    wide = [line for line in lines if cell_len(line) > width and len(line.split()) > 1]
    assert lines
    assert wide == []


def test_what_nobody_sees_and_what_commands_a_terminal_is_taken_out(there: Shop) -> None:
    for words in ("check --offline", "explain shop#28", "preview --config new.yaml"):
        shown = terminal(words, 100, NO_COLOR="1")
        assert not {letter for letter in shown if letter in "\u202e\u2066\x9b"}
        assert "\x1b[31m" not in shown
    assert "left right and [31mred" in terminal("check --offline", 100, NO_COLOR="1")


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["no colour", "dumb"])
def test_where_there_are_no_colours_marks_are_letters(there: Shop, environ: dict[str, str]) -> None:
    shown = terminal("check --offline", 100, **environ)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)
    assert not set("✗✓→…") & set(shown)
    assert "  x SHOP-47" in _STYLE.sub("", shown)


def printed(words: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the program writes into a pipe of this encoding; whatever it writes must be writable."""
    out, err = (TextIOWrapper(BytesIO(), encoding=encoding, write_through=True) for _ in range(2))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        patched.setattr(sys, "argv", ["trackersync", *words.split()])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code in {0, 1, 2}
    text = b"".join(stream.buffer.getvalue() for stream in (out, err))  # type: ignore[attr-defined]  # BytesIO's own
    return text.decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252", "utf-8"])
def test_no_console_is_too_old_for_what_is_said(there: Shop, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = printed("check --offline --all", encoding, monkeypatch)
    assert "x SHOP-31 = shop#9" in screen
    if encoding != "utf-8":
        assert "????" in screen
    for words in ("check --help", "chek", "explain SHOP-31", "preview --config new.yaml"):
        assert printed(words, encoding, monkeypatch)


def test_a_process_is_shown_in_letters_that_a_pipe_has(there: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ("stages", "stages build", "stages deployment"):
        lines = printed(words, "ascii", monkeypatch).splitlines()
        assert not [line for line in lines if "?" in line or line != line.rstrip()]
    assert " - " in printed("stages --delivery kanban", "ascii", monkeypatch)


def test_columns_are_columns_where_letters_are_wide() -> None:
    screen, shown = Screen.into()
    changed = (("担当者", "was"), ("rules", "is"))
    _changed(screen, Told("old", "new", changed, True, {}, (), datetime.now(UTC)), every=False)
    was, is_ = shown.getvalue().splitlines()[1:]
    assert cell_len(was.removesuffix("was")) == cell_len(is_.removesuffix("is")) == len("  ") + 6 + len("   ")


def test_a_command_with_a_blank_in_a_name_can_be_pasted(there: Shop) -> None:
    (begin,) = (line for line in invoke("plan", "--out", "my plan.json").out.splitlines() if "do exactly this" in line)
    assert "trackersync apply 'my plan.json' " in begin


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_what_programs_read_loses_no_letter(there: Shop, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = json.loads(printed("check --offline --format json", encoding, monkeypatch))
    titles = {one["title"] for one in record["findings"]}
    assert {CHINESE, ARABIC} <= titles


def test_quiet_prints_only_trouble(there: Shop) -> None:
    """Nothing where all is well; what is wrong all the same."""
    quiet = {
        "check --offline --select role-vacant --stage idea -q": "",
        "preview --config trackersync.yaml -q": "",
        "check --offline -q": "no owner 5",
        "plan -q": "13 changes",
        "sync -q": "Held by the guard",
        "preview --config new.yaml -q": "findings",
        "check --offline -q --baseline none.json": "none.json",
    }
    for words, trouble in quiet.items():
        done = invoke(*words.split())
        assert (trouble in done.said) if trouble else done.out + done.err == "", words


def test_verbose_tells_each_request_on_standard_error(there: Shop) -> None:
    done = invoke("check", "-v", "--format", "json")
    assert done.record
    requests = [line.split() for line in done.err.splitlines()]
    assert {words[0] for words in requests} <= {"GET", "POST"}
    assert any(words[1].startswith("/repos/acme/shop/issues") for words in requests)
    assert all(words[2].isdigit() and words[4] == "ms" for words in requests)


# The parts.


@pytest.mark.parametrize("width", [20, 40, 60, 100])
@pytest.mark.parametrize("plain", [False, True])
def test_a_table_fits_or_folds_and_loses_nothing_it_may_not_lose(width: int, plain: bool) -> None:
    screen, stream = Screen.into(width, plain=plain)
    rows = [("SHOP-1 = shop#12", "in progress", CHINESE, "ada-l"), ("SHOP-2", "build", "short", "nobody")]
    screen.table(rows, shrink=(2,))
    text = stream.getvalue()
    assert max(map(cell_len, text.splitlines())) <= width
    for word in ("SHOP-1 = shop#12", "in progress", "ada-l", "nobody"):
        assert word in text


def test_a_line_of_wide_letters_folds_where_the_terminal_ends() -> None:
    screen, stream = Screen.into(40)
    screen.say("  ! ", f"{CHINESE[:18]} {CHINESE[:18]}")
    assert max(map(cell_len, stream.getvalue().splitlines())) <= 40


@pytest.mark.parametrize(("encoding", "plain"), [("cp437", True), ("cp1252", True), ("utf-8", False)])
def test_a_terminal_whose_letters_are_few_gets_marks_of_letters(
    encoding: str, plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Screen.on(TextIOWrapper(BytesIO(), encoding=encoding)).plain is plain


def test_wide_letters_take_two_columns_in_a_table() -> None:
    screen, stream = Screen.into(60)
    screen.table([("注文履歴", "x"), ("order", "y"), ("سلة التسوق", "z")])
    places = [cell_len(line[: max(map(line.find, "xyz"))]) for line in stream.getvalue().splitlines()]
    assert len(set(places)) == 1


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("order history", 20, "order history", id="it fits"),
        pytest.param("order history", 8, "order h…", id="letters"),
        pytest.param("注文履歴の画面", 14, "注文履歴の画面", id="wide letters that just fit"),
        pytest.param("注文履歴の画面", 13, "注文履歴の画…", id="one column less"),
        pytest.param("注文履歴", 6, "注文…", id="no half letter"),
        pytest.param("", 5, "", id="nothing"),
    ],
)
def test_text_is_cut_by_columns(text: str, width: int, expected: str) -> None:
    assert cut(text, width) == expected
    assert cell_len(cut(text, width)) <= width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("one two three", 7, ["one two", "three"], id="at blanks"),
        pytest.param("see https://acme.example/a/long/path now", 10,
                     ["see", "https://acme.example/a/long/path", "now"], id="an address stays whole"),
        pytest.param("注文履歴の画面", 6, ["注文履", "歴の画", "面"], id="writing that knows no blanks"),
        pytest.param("", 6, [""], id="nothing"),
    ],
)  # fmt: skip
def test_sentences_fold(text: str, width: int, expected: list[str]) -> None:
    assert folded(text, width) == expected


def test_where_no_room_is_left_beside_a_head_the_sentence_stands_below() -> None:
    screen, stream = Screen.into(30)
    hanging(screen, "  a-rule-with-a-long-name   ", "what it says of a task")
    assert stream.getvalue().splitlines() == ["  a-rule-with-a-long-name", "    what it says of a task"]


def test_next_steps_fold_below_the_command() -> None:
    screen, stream = Screen.into(40)
    screen.next(("trackersync plan", "what sync would write, line by line"), ("trackersync sync", ""))
    lines = stream.getvalue().splitlines()
    assert lines[1:4] == ["next    trackersync plan", "          what sync would write, line", "            by line"]
    assert lines[4] == "        trackersync sync"
