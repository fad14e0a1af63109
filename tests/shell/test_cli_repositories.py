"""Several repositories from the command line: one that fails, vanishes or is renamed is named and stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from product import Shop
from trackersync.sandbox import GitHub, Options, answer, running
from trackersync.sandbox.faults import Fault
from trackersync.sandbox.shop import ACCOUNTS

PAY, WEB = "acme/pay", "acme/web"


@dataclass
class Three:
    """The sample shop and two more repositories, in each of which one issue is linked with a task in Jira."""

    shop: Shop
    others: dict[str, GitHub]
    tasks: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the pairs, and bring all there is into step."""
        self.shop.tracker("github", repositories=["acme/*", "!acme/archive-*"])
        self.shop.settings["limits"] = {"share": 1.0}
        self.shop.configure()
        for name, model in self.others.items():
            model.allow(["ada-l"])
            issue = model.create(f"In {name}", labels=["stage: idea"], assignees=["ada-l"])
            url = f"{self.shop.sandbox.github_url}/{name}/issues/{issue.number}"
            task = self.shop.sandbox.jira.create(
                f"Again in {name}", description=f"See {url}", status="Backlog", assignee=ACCOUNTS["ada-l"]
            )
            self.tasks[name] = task.key
        self.shop.approved()
        assert self.shop.json("plan")["changes"] == []
        self.shop.clear()

    def move(self, status: str) -> None:
        """A person moves both tasks in Jira."""
        for key in self.tasks.values():
            self.shop.sandbox.jira.edit(key, status=status, by="ada-l")

    def labels(self, name: str) -> tuple[str, ...]:
        return self.others[name].issue(1).labels

    def fail(self, name: str, fault: Fault) -> None:
        self.shop.sandbox.github.faults.add(fault, path=f"^/repos/{name}(/issues)?$", times=10_000)


@pytest.fixture
def three(folder: Path) -> Iterator[Three]:
    others = {name: GitHub(name) for name in (PAY, WEB)}
    with running(Options(), *others.values()) as sandbox:
        yield Three(Shop(sandbox, folder), others)


def test_what_a_pattern_finds_is_kept_in_step(three: Three) -> None:
    three.move("In Progress")
    record = three.shop.json("sync")

    assert {change["key"] for change in record["changes"]} == {f"{PAY}#1", f"{WEB}#1"}
    assert (three.labels(PAY), three.labels(WEB)) == (("stage: build",), ("stage: build",))


@pytest.mark.parametrize("fault", [answer(404, "{}"), answer(500, "{}", {"retry-after": "0"})], ids=["404", "500"])
def test_one_repository_that_fails_stops_no_other(three: Three, fault: Fault) -> None:
    three.fail(PAY, fault)
    three.move("In Progress")
    done = three.shop.run("sync")

    assert done.code == 4
    assert PAY in done.said
    assert (three.labels(PAY), three.labels(WEB)) == (("stage: idea",), ("stage: build",))

    three.shop.clear()
    assert three.shop.run("sync").code == 0
    assert three.labels(PAY) == ("stage: build",)


def test_a_repository_that_was_renamed_goes_on_as_the_same(three: Three) -> None:
    three.others[PAY].rename("acme/billing")
    three.move("In Progress")
    record = three.shop.json("sync")

    assert [(change["key"], change["before"], change["after"]) for change in record["changes"]] == [
        ("acme/billing#1", ["stage: idea"], ["stage: build"]),
        (f"{WEB}#1", ["stage: idea"], ["stage: build"]),
    ]
    assert three.labels(PAY) == ("stage: build",)
    writes = three.shop.writes
    again = three.shop.json("sync")
    assert (again["changes"], three.shop.writes) == ([], writes), "nothing is written twice"
    assert "billing#1" in three.shop.run("explain", three.tasks[PAY]).out, "the link is still there"


def test_one_that_is_named_and_was_renamed_goes_on_as_well(three: Three) -> None:
    three.shop.tracker("github", repositories=["acme/shop", PAY, WEB])
    assert three.shop.json("plan")["changes"] == []
    three.others[PAY].rename("acme/billing")
    three.move("In Progress")
    digest = three.shop.json("plan")["digest"]
    assert len(three.shop.json("sync", "--approve", digest)["changes"]) == 2
    assert three.labels(PAY) == ("stage: build",)


def test_a_repository_that_is_not_found_any_more_rests_and_is_named(three: Three) -> None:
    three.others[PAY].visible = False
    three.move("In Progress")
    done = three.shop.run("sync")

    assert done.code == 4
    assert f"{PAY} was found before and is not any more" in done.said
    assert f'"!{PAY}"' in done.said
    assert (three.labels(PAY), three.labels(WEB)) == (("stage: idea",), ("stage: build",))

    three.others[PAY].visible = True
    assert three.shop.run("sync").code == 0
    assert three.labels(PAY) == ("stage: build",)


def test_one_that_is_put_aside_goes_quietly(three: Three) -> None:
    three.others[PAY].archived = True
    three.move("In Progress")
    done = three.shop.run("sync")

    assert done.code == 0, done.said
    assert (three.labels(PAY), three.labels(WEB)) == (("stage: idea",), ("stage: build",))


def test_an_owner_that_cannot_be_listed_rests_with_all_that_was_found_there(three: Three) -> None:
    globex = GitHub("globex/pay")
    three.shop.sandbox.github.hub.join((globex,))
    globex.create("Elsewhere", labels=["stage: idea"])
    three.shop.tracker("github", repositories=["acme/*", "globex/*"])
    assert three.shop.run("sync", "--yes").code == 0
    down = answer(500, "{}", {"retry-after": "0"})
    three.shop.sandbox.github.faults.add(down, path="^/orgs/globex/repos$", times=10_000)
    three.move("In Progress")
    done = three.shop.run("sync", "--yes")

    assert done.code == 4
    assert "the repositories of globex are not known" in done.said
    assert (three.labels(PAY), three.labels(WEB)) == (("stage: build",), ("stage: build",))
    three.shop.clear()
    assert three.shop.run("sync").code == 0


def test_an_owner_that_was_never_listed_leaves_everything_as_it_is(three: Three) -> None:
    """What was never seen may be the counterpart of anything; also beside another that is only down for now."""
    globex = GitHub("globex/pay")
    three.shop.sandbox.github.hub.join((globex,))
    three.shop.tracker("github", repositories=["acme/*", "globex/*"])
    assert three.shop.run("sync", "--yes").code == 0
    three.shop.clear()
    down = answer(500, "{}", {"retry-after": "0"})
    three.shop.sandbox.github.faults.add(down, path="^/orgs/globex/repos$", times=10_000)
    three.shop.tracker("github", repositories=["acme/*", "globex/*", "initech/*"])
    three.move("In Progress")
    done = three.shop.run("sync", "--yes")

    assert done.code == 4
    assert "the repositories of globex are not known" in done.said
    assert (three.labels(PAY), three.labels(WEB)) == (("stage: idea",), ("stage: idea",))
    assert three.shop.writes == 0
