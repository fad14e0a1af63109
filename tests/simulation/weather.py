"""How wild a history is: what goes wrong in it and how often, and how people work."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from trackersync.testing import MemoryTracker, Trouble
from trackersync.testing.faults import Rates

TROUBLES: Rates = {
    ("probe", Trouble.LOST_REQUEST): 0.02,
    ("probe", Trouble.REFUSED): 0.01,
    ("workflow", Trouble.LOST_REQUEST): 0.02,
    ("workflow", Trouble.CRASH_BEFORE): 0.01,
    ("history", Trouble.LOST_REQUEST): 0.03,
    ("history", Trouble.REFUSED): 0.01,
    ("history", Trouble.CRASH_BEFORE): 0.01,
    ("observe", Trouble.LOST_REQUEST): 0.02,
    ("observe", Trouble.REFUSED): 0.01,
    ("observe", Trouble.LAGGING): 0.15,
    ("observe", Trouble.SHUFFLED): 0.1,
    ("observe", Trouble.SHORT): 0.05,
    ("page", Trouble.LOST_REQUEST): 0.01,
    ("page", Trouble.CRASH_AFTER): 0.01,
    ("page", Trouble.TWICE): 0.05,
    ("page", Trouble.OVERTAKEN): 0.05,
    ("apply", Trouble.LOST_REQUEST): 0.03,
    ("apply", Trouble.LOST_ANSWER): 0.06,
    ("apply", Trouble.SWALLOWED): 0.03,
    ("apply", Trouble.HALF_DONE): 0.06,
    ("apply", Trouble.REFUSED): 0.01,
    ("apply", Trouble.FORBIDDEN): 0.02,
    ("apply", Trouble.CRASH_BEFORE): 0.01,
    ("apply", Trouble.CRASH_HALF): 0.03,
    ("apply", Trouble.CRASH_AFTER): 0.03,
    ("store", Trouble.CRASH_BEFORE): 0.004,
    ("store", Trouble.CRASH_AFTER): 0.004,
}
"""How likely what goes wrong at which step, in a world of middling trouble."""

JUMPS = (-200_000.0, -4_000.0, -90.0, -5.0, 5.0, 90.0, 4_000.0, 200_000.0)
"""By how many seconds the machine's clock may be set wrong at once."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How wild one history is.

    Attributes:
        rates: how likely what goes wrong at which step.
        meddling: how likely somebody does something at each moment of a run.
        edits: how many edits there are at most between two runs.
        bursts: how often people work and then a run comes along, at least and at most.
        focus: how likely an edit is of the task that everybody is at, rather than of any.
        steady: everything agreed once before people begin to work.
        alone: all edits from one quiet to the next are of one item.
        spells: how likely a tracker has a spell before a run.
        ways: which spells there are: down, deaf, stubborn, or doing everything twice.
        jumps: how likely the machine's clock jumps before a run.
    """

    rates: Rates
    meddling: float
    edits: int
    bursts: tuple[int, int]
    focus: float
    steady: bool
    alone: bool = False
    spells: float = 0.0
    ways: tuple[str, ...] = ("down", "deaf", "stubborn", "doubles")
    jumps: float = 0.0


def mood(dice: random.Random) -> Mood:
    """From all is well to everything fails."""
    wild = dice.choice((0.0, 0.5, 1.0, 2.0))
    rates = {place: rate * wild for place, rate in TROUBLES.items()}
    few = {place: rate * (0.2 if place[0] == "store" else 1.0) for place, rate in rates.items()}
    spells, jumps = dice.choice((0.0, 0.0, 0.1)), dice.choice((0.0, 0.0, 0.15))
    if dice.random() < 0.3:
        # Many small moves of one task, most of them seen and followed: for what takes two coincidences in a row.
        gentle = Mood(few, dice.choice((0.0, 0.1)), edits=1, bursts=(4, 7), focus=1.0, steady=True)
    elif dice.random() < 0.3:
        # One person at one item, and nobody else anywhere: whatever fails, they never come into conflict with anybody.
        twice = {place: rate * (1.0 if place[0] == "store" else 2.0) for place, rate in few.items()}
        gentle = Mood(twice, dice.choice((0.0, 0.1)), edits=2, bursts=(2, 3), focus=1.0, steady=True, alone=True)
    else:
        steady = dice.random() < 0.5
        gentle = Mood(rates, dice.choice((0.0, 0.05, 0.3)), dice.randint(1, 3), bursts=(1, 5), focus=0.7, steady=steady)
    return replace(gentle, spells=spells, jumps=jumps)


def spell(tracker: MemoryTracker, dice: random.Random, ways: tuple[str, ...]) -> str:
    """Let a tracker misbehave until ``mend``; says how. Empty where it is for others to make it so: it is down."""
    way = dice.choice(ways)
    if way == "deaf":
        facts = [fact for fact in tracker.shape.writes if fact != tracker.shape.follower]
        tracker.deaf = frozenset({dice.choice(facts)})
        return f"{tracker.name} takes changes of {'+'.join(tracker.deaf)} and drops them"
    if way == "stubborn":
        if not tracker.shape.routes:
            return f"{tracker.name} has no workflow to be stubborn about"
        hops = [(here, there) for here, to in tracker.shape.routes.items() for there in to]
        tracker.locked = frozenset(dice.sample(hops, min(6, len(hops))))
        return f"{tracker.name} refuses {sorted(tracker.locked)}"
    if way == "doubles":
        tracker.doubles = True
        return f"{tracker.name} does everything twice"
    return ""


def mend(tracker: MemoryTracker) -> None:
    """The spell is over."""
    tracker.deaf, tracker.locked, tracker.doubles = frozenset(), frozenset(), False
