"""The help: every command has an example and its exit codes, every option a sentence; a typo names the nearest word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from product import Ran, ran
from trackersync.cli.app import app
from trackersync.cli.help import GROUPS, clause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT: Any = typer.main.get_command(app)


def leaves(command: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # typer's own
    for name, found in getattr(command, "commands", {}).items():
        if getattr(found, "commands", None):
            yield from leaves(found, (*path, name))
        else:
            yield " ".join((*path, name)), found


LEAVES = dict(leaves())


def typed(words: str, **environ: str) -> Ran:
    found = CliRunner().invoke(app, words.split(), env={"COLUMNS": "80", **environ})
    assert found.exception is None or isinstance(found.exception, SystemExit), repr(found.exception)
    return ran(found.exit_code, found.stdout, found.stderr)


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_has_an_example_and_tells_its_exit_codes(path: str) -> None:
    told = typed(f"{path} --help")

    assert told.code == 0
    assert f"Example: trackersync {path}" in told.said
    assert "Exit codes: 0" in told.said or "Ends with" in told.said
    assert max(map(len, told.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "path", ["sync", "undo", "link", "unlink", "pause", "resume", "serve", "store migrate", "store move"]
)
def test_what_waits_for_another_run_says_what_it_ends_with(path: str) -> None:
    assert " 75 " in typed(f"{path} --help").said


@pytest.mark.parametrize("path", LEAVES)
def test_what_may_be_left_out_stands_in_brackets_once(path: str) -> None:
    assert "[[" not in typed(f"{path} --help").out


@pytest.mark.parametrize("path", LEAVES)
def test_every_option_and_argument_says_what_it_is_for(path: str) -> None:
    silent = [one.name for one in LEAVES[path].params if not getattr(one, "help", "") and one.name != "help"]
    assert silent == []


def test_commands_stand_in_groups_by_what_one_comes_for() -> None:
    told = typed("--help")

    grouped = [name for some in GROUPS.values() for name in some]
    # What only action.yml calls is for nobody to come for.
    assert {name for name, one in ROOT.commands.items() if not one.hidden} <= set(grouped), "one belongs to no group"
    titles = [line.removesuffix(":") for line in told.out.splitlines() if line.removesuffix(":") in GROUPS]
    assert titles == list(GROUPS)
    shown = [line.split()[0] for line in told.out.splitlines() if line.startswith("  ") and line.split()[0] in grouped]
    assert shown == [name for name in grouped if name in ROOT.commands]
    assert "Exit codes: 0 fine; 1 findings" in told.said
    assert "..." not in told.out.replace("[ARGS]...", ""), "a list of commands is whole sentences"


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"FORCE_COLOR": "1"}, {"COLUMNS": "44"}])
def test_help_is_plain_text_everywhere(environ: dict[str, str]) -> None:
    told = typed("--help", **environ)
    assert not set("─│╭╰┌└\x1b") & set(told.out)
    assert max(map(len, told.out.splitlines())) <= int(environ.get("COLUMNS", "80"))
    assert "Settle:" in told.out


@pytest.mark.parametrize(
    ("words", "meant", "path"),
    [
        pytest.param("chek", 'there is no command "chek"; did you mean "check"?', "trackersync", id="a command"),
        pytest.param("store bakup", 'did you mean "backup"?', "trackersync store", id="a command of a group"),
        pytest.param("quux", 'there is no command "quux". Nothing', "trackersync", id="a command like no other"),
        pytest.param("check --formt json", "did you mean --format?", "trackersync check", id="an option"),
        pytest.param("sync --aprove 7c1e44b9", "did you mean --approve?", "trackersync sync", id="a long option"),
        pytest.param("sync --quux", "there is no option --quux. Nothing", "trackersync sync", id="an option like none"),
        pytest.param("plan --format jsn", 'no "jsn"; did you mean "json"?', "trackersync plan", id="a value"),
        pytest.param("check --fail-on x", "there are error, warning, note, never", "trackersync check", id="no value"),
        pytest.param("explain", "missing argument", "trackersync explain", id="an argument that is missing"),
        pytest.param("preview --config", "--config needs a value", "trackersync preview", id="an option without value"),
        pytest.param("store check --store", "--store needs", "trackersync store check", id="the same of a group"),
        pytest.param("preview a", "it takes no argument, and a is one. N", "trackersync preview", id="a word too many"),
        pytest.param("stages a b.yml", "b.yml is more than it takes; is a file meant?",
                     "trackersync stages --config b.yml trackersync stages", id="a file too many"),
        pytest.param("people a b", "b is more than it takes. N", "trackersync people", id="two where one is taken"),
        pytest.param("undo x", "a run's number is needed, as in `trackersync undo 2`", "trackersync undo", id="no run"),
        pytest.param("runs 0", "a run's number is needed", "trackersync runs", id="a run before the first"),
        pytest.param("sandbox --latency x", "--latency: a number is", "trackersync sandbox", id="no number"),
        pytest.param("sandbox --jira-port 1.5", "a whole number", "trackersync sandbox", id="no whole number"),
        pytest.param("sandbox --jira-port 70000", "65535 is the most", "trackersync sandbox", id="too great a number"),
        pytest.param("help", "did you mean --help?", "trackersync", id="an option without its hyphens"),
        pytest.param("version", "did you mean --version?", "trackersync", id="another"),
        pytest.param("store version", 'no command "version". N', "trackersync store", id="but a group has no version"),
    ],
)  # fmt: skip
def test_a_word_that_cannot_be_used_names_the_one_that_was_meant(
    folder: Path, words: str, meant: str, path: str
) -> None:
    told = typed(words)

    assert told.code == 2
    assert meant in told.said
    assert "Nothing was read or written." in told.said
    assert f"next {path} --help" in told.said
    assert not set("─│╭╰") & set(told.err)
    assert told.out == ""


def test_a_typo_that_looks_like_a_command_for_the_terminal_is_shown_as_text(folder: Path) -> None:
    told = typed("ch\x1b[31meck")
    assert told.code == 2
    assert "\x1b" not in told.err


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Say what is wrong: no owner.", "Say what is wrong"),
        ("Keep hands off a task; say why.", "Keep hands off a task"),
        ("Write `trackersync.yaml` anew. Then more.", "Write `trackersync.yaml` anew"),
        ("One line", "One line"),
    ],
)
def test_a_list_shows_the_first_clause(text: str, first: str) -> None:
    assert clause(text) == first
