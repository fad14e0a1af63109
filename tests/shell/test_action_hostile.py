"""Whatever strangers write into titles, labels and configurations: it commands neither the runner nor the reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from action_runner import Jobs, environment
from action_words import heard, read_pairs
from pages import headings
from pulled import Pulled, pulling
from strangers import HOSTILE

from product import Shop
from trackersync.cli.action.runner import SUMMARY, Runner
from trackersync.report.page import CUT, fitted
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from action_runner import Done

NUMBERS = {"findings", "errors", "new", "changes", "conflicts"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Path:
    return environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The sample shop after a visit: every open issue has a title and a label that want something."""
    workspace = tmp_path / "work"
    workspace.mkdir()
    with running(Options()) as sandbox:
        texts = HOSTILE * 4
        for text, issue in zip(texts, [*sandbox.github.issues.values()], strict=False):
            # A stage's label, so that it is spoken of; GitHub takes 50 letters.
            labels = [*issue.labels, f"stage: {text}"[:50]] if issue.number % 2 else None
            sandbox.github.edit(issue.number, title=f"{text} {issue.title}", labels=labels, by="mallory")
        for text, key in zip(texts, [issue.key for issue in sandbox.jira.issues.values()], strict=False):
            sandbox.jira.edit(key, summary=text)
        yield Shop(sandbox, workspace)


@pytest.fixture
def jobs(shop: Shop, made: Path, tmp_path: Path) -> Jobs:
    (tmp_path / "runner").mkdir()
    return Jobs(shop.folder, tmp_path / "runner", made, env={"GITHUB_TOKEN": "ghp_people", "JIRA_TOKEN": "ATATTsesame"})


@pytest.fixture
def pulls(jobs: Jobs) -> Iterator[Pulled]:
    with pulling() as pulled:
        jobs.github |= {"api_url": pulled.url, "event_name": "pull_request"}
        jobs.event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "acme/shop"}}}}
        yield pulled


def harmless(done: Done, shop: Shop, ours: str) -> None:
    """Neither summary, annotations nor outputs say or do anything that we did not say.

    Args:
        done: the step.
        shop: whose items are linked to.
        ours: what every annotation's title begins with, as an expression.
    """
    assert "pwned" in done.log, "nothing hostile came to be told at all"
    assert {one.name for one in done.told} <= {"error", "warning", "notice"}
    for one in done.told:
        assert re.match(ours, one.properties["title"]), one
        assert one.properties.keys() <= {"title", "file", "line", "col"}
        assert (one.text + one.properties["title"]).isprintable()
    assert {done.outputs[name].isdecimal() or not done.outputs[name] for name in NUMBERS} == {True}
    assert done.outputs["held"] in {"true", "false", ""}
    assert re.fullmatch(r"[0-9a-f]{8}|", done.outputs["plan-digest"])
    first, *others = headings(done.summary, shop.sandbox.github_url, shop.sandbox.jira_url)
    assert first.startswith("trackersync: ")
    assert {one.partition(":")[0] for one in others} <= {"Needs someone", "Would be written", "Not all was written"}
    assert len(done.summary.encode()) < SUMMARY


RULE = r"[a-z-]+: (acme/shop#\d+|SHOP-\d+|stage \w+)"


def test_a_check_of_hostile_titles_and_labels(jobs: Jobs, shop: Shop, pulls: Pulled) -> None:
    done = jobs.run(comment="true")
    harmless(done, shop, RULE)
    (comment,) = pulls.comments.values()
    assert headings(comment["body"], shop.sandbox.github_url, shop.sandbox.jira_url)[0].startswith("trackersync: ")
    assert re.match(r"<!-- trackersync [0-9a-f]{16} -->\n## ", comment["body"])


def test_runs_that_plan_hold_and_write_hostile_titles_and_labels(jobs: Jobs, shop: Shop) -> None:
    jobs.quick = True
    planned, held = jobs.run(command="plan"), jobs.run(command="sync")
    written = jobs.run(command="sync", approve=held.outputs["plan-digest"])

    assert written.outputs["exit-code"] == "0"
    # What a person may paste into the form of a workflow is our own digest.
    assert re.search(r"\*Run workflow → approve = [0-9a-f]{8}\*", held.summary)
    for done in (planned, held, written):
        if "pwned" in done.log:
            harmless(done, shop, "held by the guard$")
        headings(done.summary, shop.sandbox.github_url, shop.sandbox.jira_url)


def test_a_hostile_configuration_is_previewed(jobs: Jobs, shop: Shop, pulls: Pulled) -> None:
    jobs.quick = True
    jobs.run(fail_on="never")
    shop.file.rename(shop.folder / "old.yaml")
    # A dollar and a brace would be a variable.
    for number, text in enumerate(one.replace("$", "") for one in HOSTILE[:19]):
        shop.settings["people"].append({"name": f"{text}{number}", "github": f"login-{number}"})
        shop.settings["trackers"]["github"]["stages"]["build"]["labels"].append(f"stage: {text}"[:50])
    shop.configure()
    done = jobs.run(command="preview", against="old.yaml", comment="true", fail_on="never")

    assert done.outputs["exit-code"] == "0"
    hosts = (shop.sandbox.github_url, shop.sandbox.jira_url)
    headings(done.summary, *hosts)
    assert {one.name for one in done.told} <= {"error", "warning", "notice"}
    headings(pulls.comments[1]["body"], *hosts)


def test_a_hostile_mistake_is_told(jobs: Jobs, shop: Shop) -> None:
    jobs.quick = True
    for number, text in enumerate(HOSTILE):
        shop.settings[f"{text}{number}"] = text
    shop.configure()
    done = jobs.run(command="check")

    assert done.outputs["exit-code"] == "2"
    assert {one.name for one in done.told} == {"error"}
    assert len(done.annotations("error")) == 10
    assert all(one.properties.keys() <= {"title", "file", "line", "col"} for one in done.told)
    assert headings(done.summary) == ["trackersync: not run"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_printed_meanwhile_is_unheard_and_outputs_hold_one_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    runner = Runner.of({"GITHUB_OUTPUT": str(tmp_path / "out"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")})
    with runner.unheard():
        print(text)
        print(f"::{text}::")
    runner.say("::notice title=ours::said")
    runner.output({"first": text, "held": "true"})

    assert [one.text for one in heard(capsys.readouterr().out)] == ["said"]
    outputs = read_pairs((tmp_path / "out").read_bytes().decode())
    assert outputs == {"first": text, "held": "true"}


@pytest.mark.parametrize("there", [0, 100_000, 900_000, SUMMARY - 200, SUMMARY - 20, SUMMARY])
def test_a_summary_is_never_larger_than_github_takes(tmp_path: Path, there: int) -> None:
    summary = tmp_path / "summary"
    summary.write_text("x" * there, encoding="utf-8")
    runner = Runner.of({"GITHUB_STEP_SUMMARY": str(summary)})
    runner.summarise(lambda _: "## ours\n\n<details>\n" + "| ä | cell |\n" * 90_000 + "</details>\n")

    text = summary.read_text(encoding="utf-8")
    assert len(text.encode()) <= SUMMARY
    if there < 900_000:
        assert text.endswith(f"</details>\n\n{CUT}\n")


def test_a_page_that_fits_stays_as_it_is() -> None:
    assert fitted("## a\n\nb\n", 100) == "## a\n\nb\n"
    assert fitted("## a\n\nb ä\n" * 20, 70).endswith(CUT + "\n")
