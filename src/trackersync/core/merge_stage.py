"""The stage a task should be in.

Sides agree when their sets of stages intersect. An open item that states no stage is silent: it never wins, and is
written only because another side says something its assumed stage does not cover. A stage label that vanished is a
finding, not a move; reopening a finished item is a move, to the last open stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from trackersync.core.expect import fold
from trackersync.core.merge import Agreed, Desired, Disputed, LastEdits, Policy, Side, Unclear, Verdict, settled, winner
from trackersync.core.model import STAGE, Facts, Item, ItemRef
from trackersync.core.process import Process
from trackersync.core.reading import Reading, common
from trackersync.core.stages import StageMap


@dataclass(frozen=True, slots=True)
class _Witness:
    """What one item contributes.

    ``stated`` may win; ``silent`` and ``vanished`` never do; ``unknown`` takes no part. ``tidy``: its statement is
    clear but it shows more than it should (two stage labels), so it is a target whoever wins. ``covers``: the stages
    it shows, which for a reopened item are more than the one it claims.
    """

    kind: Literal["stated", "silent", "vanished", "unknown"]
    side: Side
    covers: tuple[str, ...]
    tidy: bool = False

    @property
    def ref(self) -> ItemRef:
        return self.side.ref

    def shows(self, value: Sequence[str]) -> bool:
        return not self.tidy and not set(self.covers).isdisjoint(value)


def merge_stage(
    items: Sequence[Item],
    maps: Mapping[str, StageMap],
    bases: Mapping[ItemRef, tuple[Facts, ...]],
    policy: Policy,
    process: Process,
    *,
    last_open: str | None = None,
    take: ItemRef | None = None,
    edits: LastEdits = MappingProxyType({}),
) -> Verdict:
    """Decide the stage of one task.

    Args:
        items: its items, at most one per tracker.
        maps: tracker to its mapping.
        bases: for items that have one, every native state they may show by our doing alone.
        policy: ``sync.stage``.
        process: the delivery process.
        last_open: the last open stage the task is known to have been in.
        take: the item whose word a person settled for.
        edits: when people last changed it, for the items whose history tells.
    """
    readings = [maps[item.ref.tracker].read(item.facts) for item in items]
    if all(reading.kind == "stated" for reading in readings) and (agreed := common(readings)):
        # Most tasks, most of the time: whoever moved, they moved to the same place.
        return Agreed(agreed)
    witnesses = []
    for item in items:
        witness = _witness(item, maps[item.ref.tracker], bases.get(item.ref, ()), process, last_open)
        if isinstance(witness, Unclear):
            return witness
        witnesses.append(witness)
    known = [witness for witness in witnesses if witness.kind != "unknown"]
    unknown = next((witness for witness in witnesses if witness.kind == "unknown"), None)
    if unknown is not None and len(known) < 2:
        if len(items) == 1:
            return Agreed(())
        return Unclear(unknown.ref, f'"{unknown.side.says}" belongs to no stage')
    return _decide(known, policy, process, take, edits)


def _decide(
    witnesses: list[_Witness], policy: Policy, process: Process, take: ItemRef | None, edits: LastEdits
) -> Verdict:
    stated = [witness.side for witness in witnesses if witness.kind == "stated"]
    if not stated:
        vanished = next((witness for witness in witnesses if witness.kind == "vanished"), None)
        return Unclear(vanished.ref, "its stage label vanished; nothing else moved") if vanished else Agreed(())
    value = _common(stated)
    overruled: tuple[ItemRef, ...] = ()
    if value:
        movers = [side for side in stated if side.moved]
        because, adoption = _agreeing(stated, movers, witnesses)
    else:
        win = settled(stated, take, STAGE) or winner(
            stated,
            policy,
            lambda sides: bool(_common(sides)),
            lambda sides: _furthest(sides, process),
            "moved",
            edits=edits,
        )
        if isinstance(win, Disputed):
            return win
        movers = [side for side in stated if side.moved]
        value = _narrow(_narrow(win.side.value, movers), stated)
        because, adoption, overruled = win.because, win.adoption, win.overruled
    return _targets(witnesses, Desired(value, (), because, adoption, overruled), bool(movers), policy)


def _targets(witnesses: list[_Witness], desired: Desired, moved: bool, policy: Policy) -> Verdict:
    """Who must be written; a label that vanished is put back only when a side moved or an authority insists."""
    targets, overruled = [], list(desired.overruled)
    stating = {witness.side.tracker for witness in witnesses if witness.kind == "stated"}
    for witness in witnesses:
        if witness.shows(desired.value):
            continue
        if witness.kind == "vanished" and not moved:
            if policy.authority not in stating:
                return Unclear(witness.ref, "its stage label vanished; nothing else moved")
            overruled.append(witness.ref)
        targets.append(witness.ref)
    if not targets:
        return Agreed(desired.value)
    # Were base to advance by such a write, the move would be forgotten before the other items have followed it.
    tidied = tuple(
        witness.ref
        for witness in witnesses
        if witness.ref in targets and witness.side.moved and not set(witness.side.value).isdisjoint(desired.value)
    )
    return replace(desired, targets=tuple(targets), overruled=tuple(overruled), tidied=tidied)


def _agreeing(stated: list[Side], movers: list[Side], witnesses: list[_Witness]) -> tuple[str, bool]:
    """Why silent or untidy items are written although all that is stated agrees, and whether that is first contact."""
    if movers and len(witnesses) == 1:
        # Nobody else is there to be told apart from; and an item alone is only ever written to set itself right.
        tidy = witnesses[0].tidy
        return "moved by hand; the old value goes" if tidy else "reopened; it goes on where it was", False
    if movers:
        return f"only {' and '.join(dict.fromkeys(side.tracker for side in movers))} had moved", False
    untidy = _names([witness for witness in witnesses if witness.tidy])
    if untidy:
        return f"{untidy} shows two stage labels, one of them old", False
    silent = _names([witness for witness in witnesses if witness.kind in ("silent", "vanished")])
    names = " and ".join(side.tracker for side in stated)
    does = "does" if len(stated) == 1 else "do"
    return f"{silent} states no stage, {names} {does}", not all(witness.side.met for witness in witnesses)


def _names(witnesses: Sequence[_Witness]) -> str:
    return " and ".join(witness.side.tracker for witness in witnesses)


def _witness(
    item: Item, stages: StageMap, base: tuple[Facts, ...], process: Process, last_open: str | None
) -> _Witness | Unclear:
    reading = stages.read(item.facts)
    # A place that base does not know of counts only since then: it is taken to be as it was.
    base = tuple({**item.facts, **native} for native in base)
    past = [stages.read(native) for native in base]
    moved = bool(past) and all(was.stages != reading.stages for was in past)
    side = Side(item.ref, _says(reading), reading.stages, moved and reading.kind == "stated", bool(base))
    if reading.kind == "clash":
        return _untangle(item, reading, stages, base, side)
    if reading.kind == "assumed":
        if past and all(_finished(was, process) for was in past):
            stage = _open_stage(last_open, process)
            return _Witness("stated", Side(item.ref, f"{stage} (reopened)", (stage,), True, True), reading.stages)
        vanished = past and not any(was.kind == "assumed" for was in past)
        return _Witness("vanished" if vanished else "silent", side, reading.stages)
    if reading.kind == "unknown" and _passing(item, stages, base):
        return _Witness("silent", side, ())
    return _Witness(reading.kind, side, reading.stages)


def _passing(item: Item, stages: StageMap, base: tuple[Facts, ...]) -> bool:
    """Whether an item stands where only our own write can have brought it: a status that we were led through."""
    now = stages.native(item.facts)
    return len(base) > 1 and any(
        all(fold(native.get(fact, ())) == fold(values) for fact, values in now.items()) for native in base
    )


def _untangle(
    item: Item, reading: Reading, stages: StageMap, base: tuple[Facts, ...], side: Side
) -> _Witness | Unclear:
    """Two stage labels: the one not in base is where a person moved it; without base it is never guessed."""
    if not base:
        return Unclear(item.ref, f"two stage labels ({reading.says}), and no base that tells which is new")
    past = [{value.casefold() for fact in stages.claiming for value in stages.mine(native, fact)} for native in base]
    fresh = [claimed for value, claimed in reading.parts if not any(value.casefold() in was for was in past)]
    shared = set.intersection(*map(set, fresh)) if fresh else set()
    if shared:
        value = tuple(stage for stage in reading.stages if stage in shared)
        side = replace(side, value=value, says=f"{value[0]} ({reading.says})", moved=True)
        return _Witness("stated", side, value, True)
    if fresh:
        return Unclear(item.ref, f"two new stage labels ({reading.says}) that name different stages")
    lasting = [claimed for value, claimed in reading.parts if all(value.casefold() in was for was in past)]
    if len(lasting) == 1:
        # Our own tidying was cut short: the label that every state of that write shows is the one that stays.
        (value,) = lasting
        side = replace(side, value=value, says=f"{value[0]} ({reading.says})")
        return _Witness("stated", side, value, True)
    if any(stages.read(native).kind == "clash" for native in base):
        # Our own swap was cut short half-way; whoever else states a stage decides, and this item is written again.
        return _Witness("silent", side, (), True)
    return Unclear(item.ref, f"two stage labels ({reading.says}), and base shows both")


def _says(reading: Reading) -> str:
    return f"{reading.first} ({reading.says})" if reading.first else reading.says


def _finished(reading: Reading, process: Process) -> bool:
    return reading.kind == "stated" and all(process.stage(stage).finished for stage in reading.stages)


def _open_stage(last_open: str | None, process: Process) -> str:
    """Where a reopened task goes on: its last open stage, or the first where none is known to this process."""
    known = (stage.key for stage in process.stages if stage.key == last_open and not stage.finished)
    return next(known, process.first.key)


def _common(sides: Sequence[Side]) -> tuple[str, ...]:
    """The stages every side may be in, in process order."""
    return tuple(stage for stage in sides[0].value if all(stage in side.value for side in sides[1:]))


def _narrow(value: tuple[str, ...], sides: Sequence[Side]) -> tuple[str, ...]:
    """Of a coarse winner's stages, those that other sides can live with, or two of them would disagree ever after."""
    for side in sorted(sides, key=lambda side: side.ref):
        value = tuple(stage for stage in value if stage in side.value) or value
    return value


def _furthest(sides: Sequence[Side], process: Process) -> Side | None:
    """The side latest in the process; none when they reached different ends, of which neither is further."""
    order = process.order
    ranked = sorted(sides, key=lambda side: order[side.value[0]])
    ends = [side for side in sides if process.stage(side.value[0]).finished]
    return None if len(ends) > 1 and not _common(ends) else ranked[-1]
