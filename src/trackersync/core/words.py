"""States, people and changes in words: a stage by its own name, owners by theirs, and the tracker's own words beside.

Everything that tells a change says it with these words: a plan, a receipt, a task's story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from trackersync.core.model import LINKS, OWNERS, STAGE, Change, Facts, FieldName
from trackersync.core.reading import Reading
from trackersync.core.remote import titles
from trackersync.core.terms import Terms

NOBODY = "nobody"
UNKNOWN = "?"
_NOTHING: Facts = MappingProxyType({})


def step(change: Change, terms: Terms, shown: Facts = _NOTHING) -> str:
    """``build → verify``, ``nobody → ada-l``: what a change makes of a field.

    Args:
        change: the change.
        terms: today's mapping and people.
        shown: what else the item shows, for changes that do not name every fact a stage can live in.
    """
    return " → ".join(meant(change.ref.tracker, change.field, facts, terms) for facts in both(change, shown))


def both(change: Change, shown: Facts = _NOTHING) -> tuple[Facts, Facts]:
    """The facts a change begins and ends with, as far as it names them."""
    before = {**shown, **change.before}
    return before, {**before, **change.after}


def meant(tracker: str, field: FieldName, facts: Facts, terms: Terms) -> str:
    """What facts mean for a field: a stage's name, names of people, or keys that are linked to."""
    if field == OWNERS:
        return people(tracker, facts.get(OWNERS, ()), terms)
    if field == LINKS:
        return titles(facts.get(LINKS, ()))
    return terms.maps[tracker].read(facts).named or UNKNOWN


def people(tracker: str, accounts: Iterable[str], terms: Terms) -> str:
    """The owners by name, in the tracker's order; those nobody mapped by their account."""
    names = (terms.people.name(tracker, account) or account for account in accounts)
    return " + ".join(dict.fromkeys(names)) or NOBODY


def native(tracker: str, facts: Facts, terms: Terms) -> str:
    """How a tracker says the stage it is in: ``In Progress``, ``"stage: build"``, ``closed, completed``."""
    stages = terms.maps[tracker]
    return spelled(stages.read(facts), labels_of(tracker, facts, terms))


def labels_of(tracker: str, facts: Facts, terms: Terms) -> tuple[str, ...]:
    """The values of shared facts that say a stage here; other people's values live there too."""
    stages = terms.maps[tracker]
    shared = (matcher.fact for matcher in stages.vocabulary.matchers if matcher.shared)
    return tuple(value for fact in shared for value in stages.mine(facts, fact))


def spelled(reading: Reading, labels: tuple[str, ...]) -> str:
    """A reading's native words; labels in quotes, and what is said twice (Done, resolved as Done) once."""
    if labels and reading.says == " + ".join(labels):
        return quoted(labels)
    return ", ".join(dict.fromkeys(reading.says.split(", ")))


def says(tracker: str, field: FieldName, facts: Facts, terms: Terms) -> str:
    """What an item says of a field, with the native words: ``verify (In Review)``, ``ada-l + grace-h``."""
    if field != STAGE:
        return meant(tracker, field, facts, terms)
    return f"{meant(tracker, STAGE, facts, terms)} ({spelled(terms.maps[tracker].read(facts), ())})"


def native_step(change: Change, terms: Terms) -> str:
    """What is written, in the tracker's words: ``"stage: idea" → "stage: build"``, ``To Do → In Progress → Done``."""
    if change.field != STAGE:
        return step(change, terms)
    follows: Mapping[str, str] = terms.maps[change.ref.tracker].vocabulary.follows
    parts = []
    for fact, values in change.after.items():
        before = change.before.get(fact, ())
        if fact in change.ours:
            parts.append(f"{quoted(before)} → {quoted(values)}")
        elif fact in follows and fact != change.fact:
            parts.append(f"{fact} {' + '.join(values) or 'none'}")
        else:
            passed = change.path if fact == change.fact else ()
            parts.append(" → ".join((" + ".join(before) or "none", *passed, " + ".join(values) or "none")))
    if change.toward:
        parts.append(f"on the way to {change.toward}")
    return ", ".join(parts)


def quoted(labels: Iterable[str]) -> str:
    """Labels as people see them: ``"stage: build" + "bug"``, ``no label``."""
    return " + ".join(f'"{label}"' for label in labels) or "no label"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a sentence: ``marketing``, ``marketing and sales``, ``SHOP-1, SHOP-2 and SHOP-3``."""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end


def inside(stage: str) -> str:
    """Where something is that is in a stage: ``in build``; and ``in progress``, whose name says it already."""
    return stage if stage.casefold().startswith("in ") else f"in {stage}"
