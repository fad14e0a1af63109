"""How far one status of a workflow can be reached from another, as we would go: pure.

As core goes, an issue is led through no status that means finished, and none that is hands off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trackersync.connector import Check, Grade
from trackersync_jira.drawing import Drawing, Leaves

NAMES = 3
"""Statuses or pairs that are listed in a sentence."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What of the ways between some statuses is missing.

    Attributes:
        unreached: those that no way leads to from any other.
        unleft: those that no way leads from to any other, though one of these can be reached.
        apart: the other pairs between which there is no way.
    """

    unreached: tuple[str, ...]
    unleft: tuple[str, ...]
    apart: tuple[tuple[str, str], ...]


def reach(leaves: Leaves, mapped: Collection[str], hands_off: Collection[str] = ()) -> Reach:
    """What of the ways between the mapped statuses of a workflow is missing.

    Args:
        leaves: what leaves each of its statuses.
        mapped: the statuses between which issues are led; those of other workflows do not count.
        hands_off: those that nobody but people may touch.
    """
    ends = {hop.to for hops in leaves.values() for hop in hops if hop.ends}
    here = [status for status in leaves if status in mapped and status not in hands_off]
    ways = {status: _from(leaves, status, ends.union(hands_off)) for status in here}
    none = [(one, other) for one in here for other in here if one != other and other not in ways[one]]
    unreached = tuple(one for one in here if len(here) > 1 and not _reached(one, ways))
    ends_here = [one for one in here if not ways[one].intersection(here) - {one}]
    unleft = tuple(one for one in ends_here if not {other for other in here if other != one}.issubset(unreached))
    apart = tuple((one, other) for one, other in none if one not in ends_here and other not in unreached)
    return Reach(unreached, unleft, apart)


def missing(where: str, drawing: Drawing, mapped: Collection[str], hands_off: Collection[str]) -> list[Check]:
    """What an examination tells of the ways that a workflow lacks; empty where it lacks none.

    A status that cannot be reached is a stage that cannot be written. That nothing leads back, to the first status or
    out of the last, is how many teams want it.

    Args:
        where: the project and the workflow, for people.
        drawing: the workflow.
        mapped: the statuses between which issues are led.
        hands_off: those that nobody but people may touch.
    """
    found = reach(drawing.leaves, mapped, hands_off)
    checks = []
    if lost := [one for one in found.unreached if one != drawing.begins]:
        remedy = "add a transition to it in Jira, or map its stage to another status"
        checks.append(Check("workflow", Grade.WARNING, f"{where}: no way leads to {_few(lost)}", remedy))
    said = []
    if drawing.begins in found.unreached:
        said.append(f"no way leads back to {drawing.begins}")
    if found.unleft:
        said.append(f"no way leads out of {_few(found.unleft)}")
    if found.apart:
        said.append(f"no way leads from {_few([f'{one} to {other}' for one, other in found.apart])}")
    if said:
        checks.append(Check("workflow", Grade.NOTE, f"{where}: {', '.join(said)}"))
    return checks


def _few(words: Sequence[str]) -> str:
    more = f" and {len(words) - NAMES} more" if len(words) > NAMES else ""
    return ", ".join(words[:NAMES]) + more


def _reached(status: str, ways: Mapping[str, frozenset[str]]) -> bool:
    return any(status in reached for one, reached in ways.items() if one != status)


def _from(leaves: Leaves, start: str, barred: Collection[str]) -> frozenset[str]:
    found, waiting = set[str](), [start]
    while waiting:
        here = waiting.pop()
        for hop in leaves.get(here, ()):
            if hop.to not in found:
                found.add(hop.to)
                if hop.to not in barred:
                    waiting.append(hop.to)
    return frozenset(found)
