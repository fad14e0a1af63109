"""The findings on all tasks: what is remembered of each, gathered from the store, and the diagnosis kept between looks.

A run looks around more than once, and a service again and again: the diagnosis of the last look is renewed as long as
the configuration and the people are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

from trackersync.core.checked import Before, known_again, noted
from trackersync.core.diagnose import Diagnosis, Known
from trackersync.core.link import Links
from trackersync.core.model import OWNERS, STAGE, Item, ItemRef
from trackersync.core.outcome import Look, World
from trackersync.core.rest import Rests
from trackersync.core.terms import Task, Terms
from trackersync.pipeline.session import Session

LATELY = timedelta(days=60)
"""The history of finished work that was not touched for longer is not looked at: what went wrong then is past."""
_LAST = "last"
_T = TypeVar("_T")


def diagnosed(
    session: Session, tasks: Iterable[Task], links: Links, rests: Rests, looks: Mapping[str, Look]
) -> Diagnosis:
    """The diagnosis of all tasks there are, renewed where it can be."""
    now = session.clock.now()
    tasks = list(tasks)
    last = session.diagnosed.get(_LAST)
    if last is None or now < last.watch.now or not _same(last, session):
        last = session.diagnosed[_LAST] = Diagnosis(session.terms, session.rulebook, now)
    last.look(tasks, _known(session, tasks, links, rests, looks), now)
    return last


def remember(session: Session, world: World) -> Before | None:
    """Remember what a check found, for the next one to compare with.

    Findings of rules that only this command asked for are not remembered: the next check would miss them.

    Nor is anything of a tracker that was never read to its end: what is seen of it later would all be new.

    Returns:
        What the check before found; None where there was none.
    """
    store, now = session.store, session.clock.now()
    before = store.last_check()
    if not all(look.complete for look in world.looks.values()):
        return before
    findings = [finding for finding in world.findings if finding.rule not in session.rulebook.asked_for]
    met, _ = known_again(findings, before.findings if before else ())
    notes = tuple(noted(finding, met[finding].since if finding in met else now) for finding in findings)
    store.put_findings(notes, now)
    return before


def _same(last: Diagnosis, session: Session) -> bool:
    """Whether a diagnosis was made under the same configuration, and of the same people."""
    return last.rulebook is session.rulebook and _alike(last.terms, session.terms)


def _alike(one: Terms, other: Terms) -> bool:
    if one is other:
        return True
    return (
        one.process is other.process
        and one.people.people == other.people.people
        and one.people.seen == other.people.seen
        and all(one.maps[name].rules == stages.rules for name, stages in other.maps.items())
    )


def _known(
    session: Session, tasks: Iterable[Task], links: Links, rests: Rests, looks: Mapping[str, Look]
) -> dict[str, Known]:
    """By task's id, what is remembered of it; nothing is said of a task of which nothing is."""
    store, since = session.store, session.clock.now() - LATELY
    lately = [item for task in tasks for item in task.items if item.updated >= since or not _over(item, session.terms)]
    pasts = store.histories([item.ref for item in lately]) if session.history else {}
    bases = {ref: base for (ref, field), base in store.bases().items() if field == STAGE}
    refused = {ref: one.message for (ref, field), one in store.rejections().items() if field == OWNERS}
    quarrels = _by_ref((quarrel.ref, quarrel) for quarrel in rests.quarrels.values())
    ties = _by_ref((ref, tie) for tie in links.ties for ref in tie.refs)
    extras = _by_ref((ref, extra) for extra in links.extras for ref in (extra.ref, extra.claimed))
    # Until all has been read once nothing is linked anew, so a counterpart may be anywhere.
    unread = [] if all(look.complete for look in looks.values()) else list(session.terms.maps)
    known = {}
    for task in tasks:
        refs = [item.ref for item in task.items]
        silent = [item.ref for item in task.items if item.ref in bases and _silent(item, session.terms)]
        missing = tuple(name for name in unread if all(ref.tracker != name for ref in refs)) if unread else ()
        if missing or silent or any(ref in some for ref in refs for some in (pasts, refused, quarrels, ties, extras)):
            known[task.id] = Known(
                bases={ref: bases[ref] for ref in silent},
                pasts={ref: pasts[ref] for ref in refs if ref in pasts},
                refused={ref: refused[ref] for ref in refs if ref in refused},
                quarrels=_all(quarrels, refs),
                ties=_all(ties, refs),
                extras=_all(extras, refs),
                unread=missing,
            )
    return known


def _over(item: Item, terms: Terms) -> bool:
    """Whether an item is in a stage that needs nobody any more."""
    return terms.process.finished(terms.maps[item.ref.tracker].read(item.facts).stages)


def _silent(item: Item, terms: Terms) -> bool:
    """Whether an item may be one that says nothing of its stage and is assumed to be in the first."""
    assumed = terms.maps[item.ref.tracker].vocabulary.assumed
    return assumed is not None and all(item.facts.get(fact) == values for fact, values in assumed.items())


def _by_ref(pairs: Iterable[tuple[ItemRef, _T]]) -> dict[ItemRef, tuple[_T, ...]]:
    found: dict[ItemRef, tuple[_T, ...]] = {}
    for ref, one in pairs:
        found[ref] = (*found.get(ref, ()), one)
    return found


def _all(by_ref: Mapping[ItemRef, tuple[_T, ...]], refs: Iterable[ItemRef]) -> tuple[_T, ...]:
    found = dict.fromkeys(one for ref in refs for one in by_ref.get(ref, ()))
    return tuple(found)
