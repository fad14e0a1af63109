"""Worlds for Hypothesis: any tasks of the small world of ``trackersync.testing``, with whatever items may show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from trackersync.core.diagnose import Known
from trackersync.core.history import Past
from trackersync.core.link import Extra, Tie
from trackersync.core.model import Event
from trackersync.core.rest import Quarrel
from trackersync.core.terms import Task, native_of
from trackersync.testing.rule_world import BOT, NOW, PEOPLE, PROCESS, finished, issue, terms, ticket

if TYPE_CHECKING:
    from trackersync.core.model import Item

TERMS = terms()
STAGES = ("", *(stage.key for stage in PROCESS.stages))
OWNERS = ("", *(name for name, _ in PEOPLE), "ada-l grace-h", "ada-l grace-h alan-t", "octocat", BOT, f"{BOT} ada-l")
NUMBERS = range(1, 6)
KEYS = tuple(key for number in NUMBERS for key in (f"acme/shop#{number}", f"SHOP-{number}", f"acme/web#{number}"))
FACTS = {
    "due": ("2026-03-01", "2026-03-06", "2026-04-20", "soon"),
    "parent": KEYS,
    "blockers": KEYS,
    "related": KEYS,
    "duplicate_of": KEYS,
    "blocked": ("open", "done"),
    "flagged": ("Impediment",),
    "checklist": ("ticked", "unticked"),
    "pulls": ("open", "draft", "merged", "closed"),
    "authors": ("ada-l", "octocat", BOT),
    "type": ("Bug", "Task"),
    "children": ("open", "done"),
}
"""What items show besides, and its values."""
DAYS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, 11.0, 40.0])
_SOME = st.dictionaries(st.sampled_from(sorted(FACTS)), st.integers(0, 14), max_size=4).map(
    lambda some: {fact: FACTS[fact][place % len(FACTS[fact])] for fact, place in some.items()}
)
_LABELS = st.lists(st.sampled_from(["bug", "blocked", "stage: build", "stage: launch", "quiet"]), max_size=2)


@st.composite
def tasks(draw: st.DrawFn, number: int, *, done: bool = False) -> Task:
    """A task with the items of one number: an issue, a ticket, or both."""
    sides = draw(st.sampled_from(["issue", "ticket", "both"]))
    items = []
    for make, side in ((issue, "issue"), (ticket, "ticket")):
        if sides in (side, "both"):
            shop = ("acme/shop", "acme/web") if side == "issue" else ("SHOP",)
            items.append(
                make(
                    draw(st.sampled_from(STAGES)),
                    *draw(_LABELS),
                    owners=draw(st.sampled_from(OWNERS)),
                    number=number,
                    days=draw(DAYS),
                    age=draw(DAYS),
                    container=draw(st.sampled_from(shop)),
                    **draw(_SOME),
                )
            )
    found = Task(f"t{number}", tuple(items))
    return finished(found, draw(st.sampled_from(["done", "cancelled"]))) if done else found


@st.composite
def knowns(draw: st.DrawFn, task: Task) -> Known:
    """What may be remembered of a task."""
    if draw(st.booleans()):
        return Known()
    refs = [item.ref for item in task.items]
    some = st.sets(st.sampled_from(refs))
    return Known(
        bases={item.ref: (draw(_base(item)),) for item in task.items if draw(st.booleans())},
        pasts={item.ref: draw(_past(item)) for item in task.items if draw(st.booleans())},
        refused=dict.fromkeys(draw(some), "may not be assigned"),
        quarrels=tuple(Quarrel(ref, "stage", 3, timedelta(seconds=40)) for ref in sorted(draw(some))),
        ties=tuple(Tie((ref, *refs), "both claim it") for ref in draw(some))[:1],
        extras=tuple(Extra(ref, refs[0], "its title names it") for ref in sorted(draw(some))),
    )


def _base(item: Item) -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    make = issue if item.ref.tracker == "github" else ticket
    return st.sampled_from(STAGES).map(lambda stage: dict(native_of(make(stage), "stage", TERMS)))


@st.composite
def _past(draw: st.DrawFn, item: Item) -> Past:
    """Some hand-overs and moves that lead to what an item shows, or do not."""
    events, owners, at = [], item.facts["owners"], item.updated
    for place in range(draw(st.integers(0, 5))):
        at -= timedelta(days=draw(DAYS), hours=1)
        was = tuple(draw(st.sampled_from(OWNERS)).split())
        added, removed = tuple(set(owners) - set(was)), tuple(set(was) - set(owners))
        events.append(Event(f"e{place}", at, "ada-l", "owners", tuple(sorted(added)), tuple(sorted(removed))))
        owners = was
        if draw(st.booleans()):
            fact, word = ("labels", "stage: {}") if item.ref.tracker == "github" else ("status", "{}")
            one, other = (word.format(draw(st.sampled_from(["build", "verify", "launch"]))) for _ in range(2))
            if fact == "status":
                one, other = one.capitalize(), other.capitalize()
            events.append(Event(f"s{place}", at - timedelta(minutes=5), "ada-l", fact, (one,), (other,)))
    return Past(tuple(reversed(events)), NOW, item.updated, owed=draw(st.booleans()))


@st.composite
def worlds(draw: st.DrawFn, *, done: bool = False) -> tuple[tuple[Task, ...], dict[str, Known]]:
    """Some tasks, and what is remembered of them."""
    numbers = draw(st.sets(st.sampled_from(list(NUMBERS)), min_size=1))
    found = tuple(draw(tasks(number, done=done)) for number in sorted(numbers))
    return found, {one.id: draw(knowns(one)) for one in found}
