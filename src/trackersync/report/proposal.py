"""What `init` proposes for a tracker, as values that the screen and the JSON are made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackersync.core.examine.coverage import Coverage
from trackersync.core.process import Process
from trackersync.core.propose import Line, Proposal
from trackersync.report.names import clean

FORMAT = 1
"""The version of the shape. It rises when a key changes its meaning or goes away; keys may be added."""

_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Hangul's fillers and Braille's blank, which are drawn as nothing."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """One tracker's proposal.

    Attributes:
        tracker: its name.
        containers: its repositories or projects.
        account: who we are there.
        items: how many issues were read.
        proposal: a stage for every value.
        coverage: what the open issues say by it.
        remarks: what else was seen, in sentences.
    """

    tracker: str
    containers: tuple[str, ...]
    account: str
    items: int
    proposal: Proposal
    coverage: Coverage
    remarks: tuple[str, ...] = ()


def legible(value: str) -> str:
    """A value as people can see it: one of which nothing would be seen is spelt out, letter by letter."""
    if any(map(_seen, value)):
        return clean(value)
    return "".join(f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}" for letter in value)


def _seen(letter: str) -> bool:
    # Fillers count as letters, and marks (M) show nothing of their own.
    return unicodedata.category(letter)[0] not in "CMZ" and letter not in _FILLERS


def listed(proposal: Proposal, process: Process) -> tuple[Line, ...]:
    """The lines worth a look, in the order they are numbered.

    Place by place: guesses first, then by stage, the most frequent first.
    """
    order = places(proposal.lines)

    def place(line: Line) -> tuple[int, bool, int, int, str]:
        at = process.order.get(line.stage or "", len(process.stages)) if line.sure else -1
        return (order.index(line.place), line.sure, at, -line.open, line.value.casefold())

    return tuple(sorted((line for line in proposal.lines if line.stage is not None or not line.sure), key=place))


def silent(proposal: Proposal) -> tuple[Line, ...]:
    """The lines that say nothing of a stage, the most frequent first."""
    found = (line for line in proposal.lines if line.stage is None and line.sure)
    return tuple(sorted(found, key=lambda line: (-line.open, -line.all, line.value.casefold())))


def proposal_record(proposed: Iterable[Proposed], process: Process, more: Mapping[str, Any]) -> dict[str, Any]:
    """What `init --format json` prints.

    Args:
        proposed: by tracker.
        process: whose stages are proposed.
        more: what became of it: the file, the baseline, the findings.
    """
    return {
        "format": FORMAT,
        "delivery": process.name,
        "stages": [stage.key for stage in process.stages],
        "trackers": [_tracker(one, process) for one in proposed],
        **more,
    }


def _tracker(one: Proposed, process: Process) -> dict[str, Any]:
    coverage = one.coverage
    return {
        "name": one.tracker,
        "containers": list(one.containers),
        "account": one.account,
        "items": one.items,
        "open": {
            "all": coverage.open,
            "stated": coverage.stated,
            "assumed": coverage.assumed,
            "clashing": list(coverage.clashing),
            "unplaced": [{"place": un.place, "value": un.value, "keys": list(un.keys)} for un in coverage.unplaced],
        },
        "lines": [_line(line) for line in (*listed(one.proposal, process), *silent(one.proposal))],
        "remarks": list(one.remarks),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "place": line.place,
        "value": line.value,
        "stage": line.stage,
        "because": line.because,
        "sure": line.sure,
        "open": line.open,
        "all": line.all,
        "others": list(line.others),
    }


def places(lines: Sequence[Line]) -> tuple[str, ...]:
    """The places that lines speak of, each once."""
    return tuple(dict.fromkeys(line.place for line in lines))
