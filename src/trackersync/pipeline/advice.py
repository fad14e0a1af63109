"""Advice: who could own what nobody owns, asked of the trackers that know.

Only for started work, since that is at fault, and for as many tasks as a person may look at. It is advice: where it
cannot be had, the check is what it would have been without, and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from trackersync.connector import Advising
from trackersync.core.diagnose import Advice, Finding
from trackersync.core.model import Candidate, Item, ItemRef, Severity
from trackersync.core.outcome import World
from trackersync.errors import TRACKER_TROUBLES
from trackersync.pipeline.session import Session

MOST = 50
"""Tasks that advice is asked for: the first of the report."""


async def advised(session: Session, world: World) -> tuple[World, tuple[str, ...]]:
    """The world with advice on the findings that nobody owns a task, and sentences on what could not be asked."""
    owned_by_nobody = [one for one in world.findings if one.rule == "no-owner" and one.severity is Severity.ERROR]
    tasks = {task.id: task for task in world.tasks}
    asked: dict[str, tuple[Item, ...]] = {one.task: tasks[one.task].items for one in owned_by_nobody[:MOST]}
    advisers = [
        name
        for name, connector in session.connectors.items()
        if isinstance(connector, Advising) and not world.looks[name].down
    ]
    if not asked or not advisers:
        return world, ()
    answers = await asyncio.gather(
        *(_ask(session, name, [one for items in asked.values() for one in items]) for name in advisers)
    )
    known = {ref: candidates for told, _ in answers for ref, candidates in told.items()}
    by_task = {task: _advice(session, items, known) for task, items in asked.items()}
    findings = tuple(_with(finding, by_task) for finding in world.findings)
    return replace(world, findings=findings), tuple(sentence for _, sentence in answers if sentence)


async def _ask(
    session: Session, tracker: str, items: Sequence[Item]
) -> tuple[Mapping[ItemRef, tuple[Candidate, ...]], str]:
    ours = [item for item in items if item.ref.tracker == tracker]
    connector = session.connectors[tracker]
    if not ours or not isinstance(connector, Advising):
        return {}, ""
    try:
        return await connector.candidates(ours), ""
    except TRACKER_TROUBLES as error:
        return {}, f"{tracker}: who could own what nobody owns is not known: {error}"


def _advice(
    session: Session, items: Sequence[Item], known: Mapping[ItemRef, tuple[Candidate, ...]]
) -> tuple[Advice, ...]:
    """What all trackers say of one task, each person once."""
    found: dict[str, Advice] = {}
    for item in items:
        for one in known.get(item.ref, ()):
            tracker = item.ref.tracker
            person = session.terms.people.name(tracker, one.account) or one.account
            found.setdefault(person, Advice(person, tracker, one.account, one.because))
    return tuple(found.values())


def _with(finding: Finding, by_task: Mapping[str, tuple[Advice, ...]]) -> Finding:
    if finding.rule != "no-owner" or not by_task.get(finding.task):
        return finding
    return replace(finding, could_be=by_task[finding.task])
