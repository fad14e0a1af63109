"""What a scheduler sees of a job: words only where something happened, a code of its own where another run is at it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from product import CHECKOUT, MAIN, TOKENS, environment
from trackersync.cli.exits import Exit
from trackersync.cli.running import troubles
from trackersync.store import open_store

if TYPE_CHECKING:
    from product import Shop

NOTHING = (0, "", "")


@pytest.fixture
def settled(shop: Shop) -> Shop:
    """The shop in step, so that a scheduled job has nothing to say of it."""
    shop.approved()
    done = shop.run("sync", "--quiet")
    assert (done.code, done.out, done.err) == NOTHING
    return shop


def test_quiet_says_what_was_written_once(settled: Shop) -> None:
    settled.sandbox.meanwhile()
    wrote, then = settled.run("sync", "--quiet"), settled.run("sync", "--quiet")
    assert (wrote.code, wrote.err) == (0, "")
    assert "shop#17" in wrote.said
    assert (then.code, then.out, then.err) == NOTHING


def test_quiet_says_a_conflict_when_it_arises_and_no_more(settled: Shop) -> None:
    settled.sandbox.github.edit(17, assignees=["grace-h"])
    settled.sandbox.jira.edit("SHOP-42", assignee="kath-j")
    arose, then = settled.run("sync", "--quiet"), settled.run("sync", "--quiet")
    assert arose.code == 0
    assert "trackersync conflicts" in arose.said
    assert settled.json("status")["conflicts"], "it waits for a person still"
    assert (then.code, then.out, then.err) == NOTHING


def test_quiet_says_what_is_held_every_time(settled: Shop) -> None:
    settled.settings["limits"]["changes"] = 1
    settled.configure()
    settled.sandbox.meanwhile()
    for _ in range(2):
        held = settled.run("sync", "--quiet")
        assert held.code == 3
        assert "Held by the guard" in held.said


def test_a_quiet_plan_says_nothing_where_nothing_is_to_be_done(settled: Shop) -> None:
    assert settled.run("plan", "--quiet").out == ""
    settled.sandbox.meanwhile()
    assert "shop#17" in settled.run("plan", "--quiet").said


def test_who_finds_the_store_held_ends_with_a_code_of_its_own_and_says_by_whom(
    settled: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{settled.folder}/trackersync.db"
    with open_store(url) as first, first.turn("sync"), open_store(url) as second:
        with pytest.raises(typer.Exit) as end, troubles(), second.turn("sync", wait=0.1):
            pytest.fail("two at once")
        assert end.value.exit_code == Exit.BUSY == 75, "EX_TEMPFAIL of sysexits.h"
        said = " ".join(capsys.readouterr().err.split())
        assert "is in use by sync, process" in said
        assert "Nothing was written to any tracker." in said
        with pytest.raises(typer.Exit), troubles("json"), second.turn("sync", wait=0.1):
            pytest.fail("two at once")
        assert json.loads(capsys.readouterr().out)["error"]["exit"] == 75


# What docs/scheduled-jobs.md tells people to write.

PAGE = (CHECKOUT / "docs" / "scheduled-jobs.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no cron")
def test_the_line_for_cron_runs_in_the_shell_that_cron_uses(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (line,) = re.findall(r"^    \*/5 \* \* \* \*  (.*)$", PAGE, re.MULTILINE)
    (shop.folder / "environment").write_text("".join(f"{name}={text}\n" for name, text in TOKENS.items()))
    program = tmp_path_factory.mktemp("bin") / "trackersync"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{MAIN}" "$@"\n')
    program.chmod(0o755)
    variables = {name: text for name, text in environment().items() if name not in TOKENS}
    done = subprocess.run(  # noqa: S603  # our own line
        ["/bin/sh", "-c", line.replace("/srv/trackersync", str(shop.folder))],
        cwd="/", env={**variables, "PATH": f"{program.parent}:/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, "")
    assert "Held by the guard" in done.stdout


def test_tokens_that_systemd_hands_over_as_files_are_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    named = re.findall(r"^    Environment=(\w+)=%d/([\w-]+)$", PAGE, re.MULTILINE)
    assert {name for _, name in named} == set(re.findall(r"^    LoadCredential=([\w-]+):", PAGE, re.MULTILINE))
    tokens = {"github-token": TOKENS["GITHUB_TOKEN"], "jira-token": TOKENS["JIRA_TOKEN"]}
    for variable, name in named:
        (shop.folder / name).write_text(tokens.pop(name) + "\n")
        monkeypatch.setenv(variable, str(shop.folder / name))
    assert not tokens
    for tracker in ("github", "jira"):
        shop.tracker(tracker, token=None)
    for name in TOKENS:
        monkeypatch.delenv(name)
    assert shop.run("plan").code == 0


def test_every_code_is_told() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == sorted(Exit)


def test_the_codes_that_schedulers_are_told_of_stand_in_the_help(shop: Shop) -> None:
    assert "75 another run holds the store" in shop.run("sync", "--help").said
