"""The core alone: link, decide, plan and diagnose over pairs in memory. No tracker, no store, no network."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks.made import BEGUN, PEOPLE, TEXT, configuration

from trackersync.config import load
from trackersync.core.address import Address
from trackersync.core.decide import agreements, decide
from trackersync.core.diagnose import diagnose
from trackersync.core.link import link
from trackersync.core.model import Item, ItemRef
from trackersync.core.plan import make_plan
from trackersync.core.terms import Task
from trackersync.pipeline.opening import terms_of
from trackersync.registry import discover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trackersync.core.model import Facts


def items(pairs: int) -> list[Item]:
    """Pairs of which one in eight is in progress, most are done, and a tenth disagree about the owner."""
    made = []
    for number in range(1, pairs + 1):
        who, place = (PEOPLE[number % len(PEOPLE)],), min(number % 8, 2)
        status, state = ("Open", "In Progress", "Resolved")[place], "closed" if place == 2 else "open"
        native = {"status": (status,), "resolution": ("Fixed",) * (place == 2), "owners": who}
        shown = {
            "labels": ("stage: build",) * (place == 1),
            "state": (state,),
            "reason": ("completed",) * (place == 2),
            "owners": who if number % 10 else (),
        }
        made.append(_item("jira", str(number), f"SHOP-{number}", native))
        url = f"https://acme.atlassian.net/browse/SHOP-{number}"
        made.append(_item("github", f"1/{number}", f"acme/shop#{number}", shown, url))
    return made


def _item(tracker: str, number: str, key: str, facts: Facts, *urls: str) -> Item:
    url = f"https://{tracker}.example/{number}"
    return Item(ItemRef(tracker, number), key, url, TEXT[:60], "", BEGUN, BEGUN, facts, urls)


def timed(folder: Path, pairs: int) -> list[tuple[str, float]]:
    """Seconds by step: a first contact, then a quiet run in which everything has been seen before."""
    folder.joinpath("core.yaml").write_text(configuration("https://api.github.com", "https://acme.atlassian.net",
                                                          "github", "jira"), encoding="utf-8")  # fmt: skip
    configured = load(folder / "core.yaml", registry=discover())
    terms = terms_of(configured)
    addresses = tuple(
        Address(name, plugin.addresses(configured.trackers[name]), plugin.vocabulary)
        for name, plugin in configured.plugins.items()
    )
    made, costs = items(pairs), []

    def step(name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever the step makes
        begun = time.perf_counter()
        found = work()
        costs.append((name, time.perf_counter() - begun))
        return found

    links = step("link, all new", lambda: link(made, {}, addresses, ()))
    assert len(links.made) == pairs
    by_ref = {item.ref: item for item in made}
    tasks = [Task(str(number), tuple(by_ref[ref] for ref in one.refs)) for number, one in enumerate(links.made)]
    step("diagnose", lambda: diagnose(tasks, terms, BEGUN).findings)
    decisions = step("decide, first contact", lambda: [decide(task, {}, terms) for task in tasks])
    plan = step("plan and digest", lambda: (found := make_plan(decisions, terms, {}, {}), found.digest)[0])
    assert plan.changes
    bases = step("agreements", lambda: agreements(decisions, {}, terms))
    stored = {ref: task.id for task in tasks for ref in (item.ref for item in task.items)}
    step("link, all stored", lambda: link(made, stored, addresses, ()))
    step("decide, quiet", lambda: [decide(task, bases, terms) for task in tasks])
    return costs
