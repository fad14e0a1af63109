"""What a user can get wrong: what is said, what it ends with, and that nothing was written."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from product import invoke
from trackersync.sandbox import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from product import Shop

COMMANDS = (("check",), ("plan",), ("sync",), ("sync", "--dry-run"))


def trouble(record: dict[str, object]) -> dict[str, object]:
    """What JSON says of a trouble that ended the command."""
    found = record["error"]
    assert isinstance(found, dict)
    return found


# Where no command gets as far as asking a tracker


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_configuration(folder: Path, command: tuple[str, ...]) -> None:
    done = invoke(*command)
    assert done.code == 2
    assert "trackersync.yaml" in done.err
    assert ".github/trackersync.yaml" in done.err
    assert trouble(invoke(*command, "--format", "json").record)["exit"] == 2
    assert not list(folder.iterdir()), "nothing is left behind"


def test_a_configuration_that_is_not_there(folder: Path) -> None:
    done = invoke("check", "--config", "elsewhere.yaml")
    assert (done.code, "elsewhere.yaml" in done.said) == (2, True)


def mistake(old: str, new: str) -> Callable[[str], str]:
    def make(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return make


MISTAKES: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "no YAML": (
        mistake("delivery: delivery", "delivery: [delivery"),
        ("trackersync.yaml:2:9 ", "not YAML", "not closed"),
    ),
    "a tab": (mistake("sync:\n  stage", "sync:\n\tstage"), (":1 ", "not YAML", "indentation")),
    "an unknown key": (mistake("limits:\n  changes", "limits:\n  changers"), ('"changers"', 'did you mean "changes"?')),
    "an unknown section": (mistake("sync:\n", "synk:\n"), ('"synk"', 'did you mean "sync"?')),
    "an unknown connector": (
        mistake("connector: github", "connector: gitlab"),
        ('no connector "gitlab"', '"github"'),
    ),
    "a connector with a slip": (mistake("connector: jira", "connector: jria"), ('"jria"', 'did you mean "jira"?')),
    "a stage the process lacks": (mistake("      build:", "      biuld:"), ('"biuld"', 'did you mean "build"?')),
    "a process nobody ships": (mistake("delivery: delivery", "delivery: kanbann"), ('"kanbann"', '"kanban"')),
    "a token that is not set": (
        mistake("token: ${GITHUB_TOKEN}", "token: ${NOBODY_SET_THIS}"),
        ("NOBODY_SET_THIS", "trackers.github.token"),
    ),
    "an unknown policy": (mistake("authority: changed", "authority: chnged"), ('"chnged"', '"changed"')),
    "a list that is none": (mistake("projects:\n    - SHOP", "projects: SHOP"), ("[SHOP]",)),
    "an address without a scheme": (mistake("url: http://127", "url: 127"), ("trackers.github.url",)),
    "nothing at all": (lambda _: "", ("trackersync.yaml",)),
    "a list instead of settings": (lambda _: "- 1\n- 2\n", ("trackersync.yaml",)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_configuration(shop: Shop, name: str) -> None:
    change, words = MISTAKES[name]
    shop.file.write_text(change(shop.file.read_text(encoding="utf-8")), encoding="utf-8")

    for command in COMMANDS:
        done = shop.run(*command)
        assert done.code == 2, done.out
        assert done.out == ""
        for word in words:
            assert word in done.said, done.err
    error = trouble(shop.json("check", code=2))
    assert error["message"]
    assert all(isinstance(p["line"], int) and isinstance(p["column"], int) for p in error["problems"])  # type: ignore[attr-defined]  # JSON
    assert shop.reads + shop.writes == 0
    assert not Path("trackersync.db").exists()


def test_every_mistake_is_told_at_once_and_where_it_stands(shop: Shop) -> None:
    text = shop.file.read_text(encoding="utf-8")
    text = text.replace("      build:", "      biuld:", 1).replace("  share:", "  shares:")
    shop.file.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    places = [(next(at for at, line in enumerate(lines, 1) if word in line), column) for word, column in
              (("      biuld:", 7), ("  shares:", 3))]  # fmt: skip

    done = shop.run("check")
    assert "2 problems" in done.err
    for line, column in places:
        assert f"trackersync.yaml:{line}:{column} " in done.err
    assert "Nothing was read or written." in done.said


def test_a_stage_or_a_phase_that_is_not_there(folder: Path) -> None:
    done = invoke("stages", "biuld")
    assert (done.code, 'did you mean "build"?' in done.said) == (2, True)
    assert trouble(invoke("stages", "biuld", "--format", "json").record)["exit"] == 2


def test_a_secret_in_the_file_itself_is_never_shown(shop: Shop) -> None:
    shop.tracker("github", token="ghp_sesame0123456789", page_size="many")
    assert shop.run("check").code == 2  # every run is searched for the tokens


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("sqlite:////nowhere/at/all/trackersync.db", "/nowhere/at/all"),
        ("sqlite:///.", "that it is a file"),
        ("mysql://someone:opensesame@127.0.0.1/x", "SQLite or PostgreSQL"),
    ],
    ids=("a folder that is not there", "a folder", "another database"),
)
def test_a_store_that_cannot_be_used(shop: Shop, url: str, word: str) -> None:
    for command in (("check",), ("sync", "--yes")):
        done = shop.run(*command, "--store", url)
        assert done.code == 2, done
        assert word in done.said
        assert "opensesame" not in done.said
    assert trouble(shop.json("check", "--store", url, code=2))["message"]
    assert shop.reads + shop.writes == 0


def test_a_store_that_is_another_file(shop: Shop) -> None:
    shop.folder.joinpath("notes.db").write_text("These are my notes, and they are not a database.\n" * 50)
    done = shop.run("check", "--store", "sqlite:///notes.db")
    assert done.code == 2
    assert "notes.db" in done.said
    assert shop.folder.joinpath("notes.db").read_text().startswith("These are my notes")


def test_an_unknown_option_and_an_unknown_command(folder: Path) -> None:
    assert invoke("check", "--frmat", "json").code == 2
    assert invoke("chekc").code == 2
    assert invoke("check", "--format", "xml").code == 2


# Where a tracker does not answer as it should


def test_a_wrong_token(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong_but_secret")
    for command in COMMANDS:
        done = shop.run(*command)
        assert done.code == 4
        assert "401" in done.said
        assert "github" in done.said
        assert "ghp_wrong_but_secret" not in done.said
    record = shop.json("check", code=4)
    assert "401" in record["observed"]["github"]["failure"]
    assert record["observed"]["jira"]["failure"] is None
    assert shop.writes == 0


def test_a_host_that_nobody_answers_on(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    shop.tracker("jira", url=f"http://127.0.0.1:{port}")
    done = shop.run("check")
    assert done.code == 4
    assert f"127.0.0.1:{port}" in done.said
    assert shop.json("plan", code=4)["changes"] == []


@pytest.mark.parametrize(
    ("tracker", "settings", "name"),
    [("github", {"repositories": ["acme/shoe"]}, "acme/shoe"), ("jira", {"projects": ["SHOE"]}, "SHOE")],
    ids=("repository", "project"),
)
def test_a_repository_or_project_that_is_not_there(
    shop: Shop, tracker: str, settings: dict[str, object], name: str
) -> None:
    shop.tracker(tracker, **settings)
    for command in (("check",), ("sync", "--yes")):
        done = shop.run(*command)
        assert done.code == 4, done
        assert name in done.said
    assert name in shop.json("check", code=4)["observed"][tracker]["failure"]
    assert shop.writes == 0


HTML = "<html><head><title>Sign in to your company</title></head><body>please</body></html>"
ANSWERS = {
    "truncated JSON": answer(200, '[{"number": 17, "title": "Checkout rej'),
    "a page of a proxy": answer(200, HTML, {"content-type": "text/html"}),
    "JSON of another shape": answer(200, '{"hello": ["world"]}'),
    "nothing": answer(200, ""),
    "503 from a proxy": answer(503, HTML, {"content-type": "text/html", "retry-after": "0"}),
}


@pytest.mark.parametrize("path", ["", "/issues$|/search"], ids=("first", "listing"))
@pytest.mark.parametrize("tracker", ["github", "jira"])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_tracker_that_answers_nonsense(shop: Shop, tracker: str, name: str, path: str) -> None:
    model = shop.sandbox.github if tracker == "github" else shop.sandbox.jira
    model.faults.add(ANSWERS[name], path=path, times=10_000)
    done = shop.run("check")
    assert done.code == 4, done
    assert f"{tracker}   not read:" in done.out
    assert "answer" in done.said
    assert ANSWERS[name].body.decode()[:20] not in done.said or not ANSWERS[name].body
    record = shop.json("sync", "--yes", code=4)
    assert record["observed"][tracker]["failure"]
    assert shop.writes == 0


# What is asked for does not exist, or is not what it says


def test_only_what_is_not_there(shop: Shop) -> None:
    for command in (("plan",), ("sync", "--yes")):
        done = shop.run(*command, "--only", "SHOP-4242")
        assert done.code == 2, done
        assert "SHOP-4242" in done.said
    assert trouble(shop.json("plan", "--only", "SHOP-4242", code=2))["message"]
    assert shop.writes == 0


def saved(shop: Shop) -> tuple[Path, dict[str, object]]:
    file = shop.folder / "plan.json"
    assert shop.run("plan", "--out", str(file)).code == 0
    return file, json.loads(file.read_text(encoding="utf-8"))


PLANS: dict[str, tuple[Callable[[dict[str, object]], str | None], str]] = {
    "a file that is not there": (lambda _: None, "No such file"),
    "no JSON": (lambda _: "what?", "is not a plan"),
    "half a file": (lambda plan: json.dumps(plan)[:500], "is not a plan"),
    "other JSON": (lambda _: '{"hello": 1}', "not a plan of format 1"),
    "a list": (lambda _: "[]", "is not a plan"),
    "a number": (lambda _: "7", "is not a plan"),
    "a later format": (lambda plan: json.dumps({**plan, "format": 2}), "not a plan of format 1"),
    "changes missing": (lambda plan: json.dumps({k: v for k, v in plan.items() if k != "changes"}), "lacks 'changes'"),
    "no fingerprint": (lambda plan: json.dumps({k: v for k, v in plan.items() if k != "fingerprint"}), "plan.json"),
    "changes that are none": (lambda plan: json.dumps({**plan, "changes": [1, 2]}), "plan.json"),
    "changes that are a word": (lambda plan: json.dumps({**plan, "changes": "all"}), "plan.json"),
    "edited": (lambda plan: json.dumps(plan).replace("margaret-h", "ada-l"), "its changes were edited"),
    "an edited reason": (lambda plan: json.dumps(plan).replace("jira is further", "why not"), "were edited"),
    "of a tracker that is not there": (lambda plan: json.dumps(plan).replace('"github"', '"gitlab"'), "plan.json"),
    "with a field of its own": (lambda plan: json.dumps(plan).replace('"field": "owners"', '"field": "title"'), "plan"),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_be_applied(shop: Shop, name: str) -> None:
    make, words = PLANS[name]
    file, plan = saved(shop)
    before, text = shop.state(), make(plan)
    file.unlink() if text is None else file.write_text(text, encoding="utf-8")

    done = shop.run("apply", str(file))
    assert done.code == 2, done
    assert words in done.said
    assert "trackersync plan --out" in done.said
    assert trouble(shop.json("apply", str(file), code=2))["message"]
    assert (shop.state(), shop.writes) == (before, 0)


def test_a_plan_of_another_configuration(shop: Shop) -> None:
    file, _ = saved(shop)
    shop.settings["sync"]["owners"].update(authority="github", adopt="authority")
    shop.configure()
    done = shop.run("apply", str(file))
    assert done.code == 3
    assert "the configuration changed" in done.said
    assert "Nothing was written." in done.said
    assert trouble(shop.json("apply", str(file), code=3))["exit"] == 3
    assert shop.writes == 0


def test_a_plan_that_cannot_be_saved(shop: Shop) -> None:
    done = shop.run("plan", "--out", "nowhere/plan.json")
    assert done.code == 2
    assert "nowhere/plan.json" in done.said


def test_a_port_of_the_sandbox_that_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = invoke("sandbox", "--github-port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "in use" in done.said
    assert "port" in done.said


@pytest.mark.parametrize(
    "arguments",
    [
        ("--repository", "shop"),
        ("--project", "shop-1"),
        ("--load-jira", "nowhere.jsonl"),
        ("--load-github", "nowhere.jsonl"),
        ("--github-port", "70000"),
    ],
    ids=" ".join,
)
def test_a_sandbox_that_cannot_be_served(folder: Path, arguments: tuple[str, str]) -> None:
    done = invoke("sandbox", *arguments)
    assert done.code == 2, done
    assert (arguments[0] if arguments[1].isdecimal() else arguments[1]) in done.said
