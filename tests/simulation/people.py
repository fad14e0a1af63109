"""What people do in a tracker: one edit at random, with nothing of trackersync in mind."""

from __future__ import annotations

import random
from collections.abc import Collection

from trackersync.connector import Absence, Item, ItemRef
from trackersync.testing import MemoryTracker
from trackersync.testing.tracker import BOT

from .world import FOREIGN, LINE, OPEN, PEOPLE, STRANGER, account

BY_HAND = f"{BOT} (signed in by hand)"
"""A person who uses our account: what they do is a person's doing."""
ELSEWHERE = {True: "attic/old", False: "ATTIC"}
"""A container we are not configured to look after, by the kind of tracker."""
LABELS = tuple(f"stage: {stage}" for stage in OPEN)


def meddle(tracker: MemoryTracker, dice: random.Random, hot: Collection[ItemRef], *, gently: bool = False) -> str:
    """Let somebody do something somewhere; says what, or nothing where there is nobody or nothing.

    Args:
        tracker: where.
        dice: decides.
        hot: the items everybody is at just now, if at any.
        gently: only edits of stage and owners; nothing is hidden, deleted, transferred or renamed.
    """
    items = [item for container in tracker.containers for item in tracker.shown(container)]
    if not items:
        return ""
    busy = [
        item for item in items if item.ref in {tracker.whereabouts(ref) for ref in hot if ref.tracker == tracker.name}
    ]
    item = dice.choice(busy or items)
    roll = dice.random()
    if roll < 0.55:
        facts = _stage(item, tracker, dice)
    elif roll < 0.85 or gently:
        facts = {"owners": _owners(item, tracker, dice)}
    elif roll < 0.92:
        facts = {"labels": _foreign(item, dice)}
    else:
        return _else(item, tracker, dice)
    before = item.facts
    by = dice.choice((*PEOPLE, BY_HAND)) if dice.random() < 0.2 else dice.choice(PEOPLE)
    after = tracker.edit(item.ref, by, **facts).facts
    news = {
        fact: f"{'+'.join(before[fact])} → {'+'.join(after[fact])}" for fact in after if after[fact] != before[fact]
    }
    return f"{by} edits {item.key}: {news}" if news else ""


def _stage(item: Item, tracker: MemoryTracker, dice: random.Random) -> dict[str, tuple[str, ...]]:
    if tracker.shape.home == "status":
        status = dice.choice((*LINE, "In Progress", "In Review", "Done", "Waiting for vendor"))
        resolution = {"resolution": (dice.choice(("Done", "Won't Do")),)} if status == "Done" else {}
        return {"status": (status,), **resolution}
    foreign = tuple(label for label in item.facts["labels"] if label not in LABELS)
    ours = tuple(label for label in item.facts["labels"] if label in LABELS)
    new = dice.choice(LABELS)
    ways: tuple[dict[str, tuple[str, ...]], ...] = (
        {"labels": (*foreign, new)},
        {"labels": tuple(dict.fromkeys((*ours, *foreign, new)))},
        {"labels": foreign},
        {"state": ("open",)},
        {"state": ("open",), "labels": (*foreign, new)},
        {"state": ("closed",), "reason": ("completed",)},
        {"state": ("closed",), "reason": ("not_planned",)},
    )
    return dice.choices(ways, (10, 2, 1, 1, 2, 3, 1))[0]


def _owners(item: Item, tracker: MemoryTracker, dice: random.Random) -> tuple[str, ...]:
    some = [account(person, tracker.name) for person in dice.sample(PEOPLE, dice.choice((0, 1, 1, 1, 2)))]
    now = list(item.facts["owners"])
    if tracker.shape.writes["owners"].most == 1:
        return tuple((some or [])[:1]) if dice.random() < 0.93 else (STRANGER,)
    way = dice.choice(("replace", "add", "take off", "stranger" if dice.random() < 0.3 else "add"))
    if way == "add":
        return tuple(dict.fromkeys((*now, *some)))
    if way == "take off":
        return tuple(now[1:])
    if way == "stranger":
        return tuple(dict.fromkeys((*now, STRANGER)))
    return tuple(some)


def _foreign(item: Item, dice: random.Random) -> tuple[str, ...]:
    label, now = dice.choice(FOREIGN), item.facts["labels"]
    return tuple(one for one in now if one != label) if label in now else (label, *now)


def _else(item: Item, tracker: MemoryTracker, dice: random.Random) -> str:
    way = dice.choice(("retitle", "retitle", "hide", "delete", "restore", "transfer", "transfer"))
    if way == "retitle":
        tracker.retitle(item.ref, f"{item.title}, {dice.randint(1, 99)}")
        return f"somebody retitles {item.key}"
    if way == "restore":
        for id_ in [id_ for id_, why in tracker.absent.items() if why is Absence.HIDDEN]:
            tracker.restore(tracker.items[id_].ref)
            return f"{tracker.items[id_].key} is shown again"
        return ""
    if way == "transfer":
        others = [name for name in tracker.containers if name != item.container]
        tracker.transfer(item.ref, dice.choice((*others, *others, ELSEWHERE[tracker.shape.renames])))
        now = tracker.items[tracker.whereabouts(item.ref).id]
        return f"{item.key} is transferred and is {now.key} ({now.ref.id}) now"
    tracker.remove(item.ref, Absence.HIDDEN if way == "hide" else Absence.GONE)
    return f"{item.key} is {'hidden' if way == 'hide' else 'deleted'}"
