"""`init` on Apache Arrow's two trackers: every status, resolution and label is covered, as the raw file judges.

A part of the data: the first issues of every status with every resolution, and each hundredth; so that it stays cheap.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import msgspec
import pytest

from acceptance.arrow import NOT_DONE, Fact, facts
from product import TOKENS, Ran, spawn
from trackersync.config import load
from trackersync.pipeline.opening import terms_of
from trackersync.registry import discover
from trackersync.sandbox import Options, running
from trackersync.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("arrow init")

FIRST, EVERY = 4, 100


class _Named(msgspec.Struct, frozen=True):
    name: str


class _Fields(msgspec.Struct, frozen=True):
    status: _Named
    resolution: _Named | None = None


class _Raw(msgspec.Struct, frozen=True):
    fields: _Fields


def part_of_jira(file: Path, part: Path) -> None:
    """Copy some issues of every kind."""
    seen: dict[tuple[str, str], int] = {}
    decode = msgspec.json.Decoder(_Raw).decode
    with gzip.open(file) as lines, gzip.open(part, "wb", compresslevel=1) as out:
        for number, line in enumerate(lines):
            fields = decode(line).fields
            kind = (fields.status.name, fields.resolution.name if fields.resolution else "")
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] <= FIRST or number % EVERY == 0:
                out.write(line)


def part_of_github(file: Path, part: Path) -> None:
    """Copy each so-manieth issue."""
    with gzip.open(file) as lines, gzip.open(part, "wb", compresslevel=1) as out:
        out.writelines(line for number, line in enumerate(lines) if number % EVERY == 0)


@pytest.fixture(scope="module")
def set_up(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, connectors_declared: None
) -> Iterator[tuple[Ran, Path, dict[str, Fact]]]:
    """What `init` said, the folder it wrote to, and what the raw file says of each issue."""
    data, folder = shared / "data" / "arrow", tmp_path_factory.mktemp("arrow init")
    jira, github = folder / "jira.jsonl.gz", folder / "github.jsonl.gz"
    part_of_jira(data / "jira_source.jsonl.gz", jira)
    part_of_github(data / "github_staged.jsonl.gz", github)
    with running(Options(repository="apache/arrow", project="ARROW", load_jira=jira, load_github=github)) as sandbox:
        named = ["apache/arrow", "--github-url", sandbox.github_url, "--jira", sandbox.jira_url, "--project", "ARROW"]
        done = spawn(folder, "init", *named, "--format", "json")
        assert done.code == 0, done.said
        assert sandbox.github.writes + sandbox.jira.writes == 0
        yield done, folder, {fact.key: fact for fact in facts(jira)}


def test_every_status_resolution_and_label_is_covered(set_up: tuple[Ran, Path, dict[str, Fact]]) -> None:
    done, _, known = set_up
    github, jira = done.record["trackers"]
    stages = {(line["place"], line["value"]): line["stage"] for line in jira["lines"]}
    statuses = {fact.status for fact in known.values()}
    resolutions = {fact.resolution for fact in known.values() if fact.resolution}
    assert len(statuses) == 5
    assert {status: stages["statuses", status] for status in statuses} == {
        "Open": "idea", "Reopened": "idea", "In Progress": "build", "Resolved": "done", "Closed": "done",
    }  # fmt: skip
    wrong = {
        name: stages["resolutions", name]
        for name in resolutions
        if stages["resolutions", name] != ("cancelled" if name in NOT_DONE else "done")
    }
    assert wrong == {}
    assert [line for line in jira["lines"] if line["place"] == "statuses" and not line["sure"]] == []
    # Types and components say nothing of a stage, and are all told of.
    labels = {line["value"]: line["stage"] for line in github["lines"] if line["place"] == "labels"}
    assert {"Migrated from Jira", "Type: bug", "Component: C++"} <= labels.keys()
    assert {label for label, stage in labels.items() if stage is not None} == set()
    # The copies on GitHub name the Jira by its own address, which the stand-in's is not.
    assert [remark for remark in jira["remarks"] if "aliases: [https://issues.apache.org/jira]" in remark] != []
    assert jira["open"]["stated"] == jira["open"]["all"] > 0
    assert github["open"]["stated"] + github["open"]["assumed"] == github["open"]["all"]


def test_every_issue_is_read_as_the_raw_file_judges(set_up: tuple[Ran, Path, dict[str, Fact]]) -> None:
    _, folder, known = set_up
    configuration = load(folder / "trackersync.yaml", registry=discover(), environ=TOKENS)
    stages = terms_of(configuration).maps["jira"]
    with open_store(configuration.store) as store:
        read = {item.key: stages.read(item.facts).stages for item in store.items("jira")}
    assert read.keys() == known.keys()
    assert {key: (fact.stage, read[key]) for key, fact in known.items() if fact.stage not in read[key]} == {}
    assert {key for key, fact in known.items() if fact.open is (read[key][-1:] in (("done",), ("cancelled",)))} == set()
