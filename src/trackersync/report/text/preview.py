"""``trackersync preview``: what differs between two configurations, and what that does to stages, findings and plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from trackersync.core.diagnose import Finding
from trackersync.core.model import Change
from trackersync.core.preview import Preview, Regraded, Side, pairs
from trackersync.report.names import Keys, ago, clean, count, cut
from trackersync.report.text.change import Wording
from trackersync.report.text.folded import hanging
from trackersync.report.text.opening import open_tasks, tally
from trackersync.report.text.screen import MARKS, Screen

MOST = 10
"""Lines of a kind on a screen, unless all are asked for."""
KEYS = 10
"""So many tasks are named of those that change from one stage to another."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a preview says besides the two judgements.

    Attributes:
        old: the present configuration's name.
        new: the changed one's.
        changed: the parts that differ, and how.
        decides: whether the changed one decides otherwise what is written.
        unread: by tracker, what of the changed one was never read; nothing named: all of it.
        partly: trackers that were not read to their end.
        now: the moment.
    """

    old: str
    new: str
    changed: tuple[tuple[str, str], ...]
    decides: bool
    unread: Mapping[str, tuple[str, ...]]
    partly: tuple[str, ...]
    now: datetime


def preview_screen(screen: Screen, preview: Preview, told: Told, *, every: bool = False) -> None:
    """Draw the whole screen."""
    _aged(screen, preview, told)
    screen.blank()
    _changed(screen, told, every=every)
    screen.blank()
    _verdicts(screen, preview)
    _recounted(screen, preview, every=every)
    _findings(screen, preview, every=every)
    _plans(screen, preview, every=every)
    _unknown(screen, preview)
    _guard(screen, preview)
    if preview.alike:
        screen.blank()
        screen.say("Nothing that was read would be judged or written otherwise.")


def unread_words(tracker: str, names: Sequence[str]) -> str:
    """What of a tracker was never read, in a sentence."""
    patterns = [name for name in names if set("*?[") & set(name)]
    if not names:
        return f"{tracker} was never read under this name: nothing of it is in this preview"
    if patterns:
        return f"{tracker}: what else {', '.join(names)} finds was never read, and is not in this preview"
    are = "was" if len(names) == 1 else "were"
    return f"{tracker}: {', '.join(names)} {are} never read, and not in this preview"


def _aged(screen: Screen, preview: Preview, told: Told) -> None:
    looks = preview.before.world.looks.values()
    ages = (f"{look.tracker} {ago(told.now - look.since)} old" if look.since else f"{look.tracker} not read to its end"
            for look in looks)  # fmt: skip
    screen.say(f"from the store: {', '.join(ages)}; no request was sent")
    for tracker, names in told.unread.items():
        screen.say(("! ", "yellow"), clean(unread_words(tracker, names)))


def _changed(screen: Screen, told: Told, *, every: bool) -> None:
    if not told.changed and not told.decides:
        screen.say((f"{told.new} says what {told.old} says.", "bold"))
        return
    deciding = "" if told.decides else "    what is written is decided as before"
    screen.say((f"{told.new} beside {told.old}", "bold"), deciding)
    most = len(told.changed) if every else MOST
    shown = [(clean(part), clean(words)) for part, words in told.changed[:most]]
    wide = max((cell_len(part) for part, _ in shown), default=0)
    for part, words in shown:
        hanging(screen, f"  {set_cell_size(part, wide)}   ", words)
    _more(screen, len(told.changed), most)


def _verdicts(screen: Screen, preview: Preview) -> None:
    """Both verdicts beside each other, zeros included, and by how much they differ."""
    sides = [_figures(side) for side in (preview.before, preview.after)]
    rows: list[tuple[str | Text, ...]] = [("", "before", " after", "")]
    rows += [
        (name, f"{before:>6,}", f"{after:>6,}", f"{after - before:+,}" if after != before else "")
        for (name, before), after in zip(sides[0].items(), sides[1].values(), strict=True)
    ]
    screen.table(rows)


def _figures(side: Side) -> dict[str, int]:
    return {"tasks": len(side.world.tasks), "open": open_tasks(side.world), **tally(side.world.findings)}


def _recounted(screen: Screen, preview: Preview, *, every: bool) -> None:
    if not preview.recounted and not preview.left:
        return
    screen.blank()
    whole = count(len(preview.after.world.tasks), "task")
    screen.say((f"stages · {len(preview.recounted):,}", "bold"), f"    of {whole} would be counted in another stage")
    keys = Keys(item for side in (preview.before, preview.after) for task in side.world.tasks for item in task.items)
    moves = {f"{before or '?'} → {after or '?'}": tasks for (before, after), tasks in pairs(preview.recounted).items()}
    wide = max(map(cell_len, moves), default=0)
    digits = max((len(f"{len(some):,}") for some in moves.values()), default=0)
    for move, tasks in moves.items():
        shown = tasks if every else tasks[:KEYS]
        more = f", {len(tasks) - len(shown):,} more" if len(tasks) > len(shown) else ""
        head = f"  {set_cell_size(move, wide)}   {f'{len(tasks):,}':>{digits}}   "
        hanging(screen, head, ", ".join(clean(keys.task(one.keys)) for one in shown) + more)
    if preview.left:
        screen.say(f"  {count(preview.left, 'item')} would be looked at no more")


def _findings(screen: Screen, preview: Preview, *, every: bool) -> None:
    if not (preview.new or preview.gone or preview.regraded):
        return
    keys = Keys(item for side in (preview.before, preview.after) for task in side.world.tasks for item in task.items)
    screen.blank()
    told = [f"{len(preview.new):,} new", f"{len(preview.gone):,} gone"]
    told += [f"{len(preview.regraded):,} of another severity"] if preview.regraded else []
    screen.say(("findings", "bold"), f"    {', '.join(told)}")
    most = max(len(preview.new), len(preview.gone), len(preview.regraded)) if every else MOST
    rows: list[tuple[str | Text | tuple[str, str], ...]] = [
        (
            "+",
            MARKS[one.severity],
            _about(keys, one.subject, [seen.key for seen in one.own]),
            one.rule,
            clean(one.table),
        )
        for one in preview.new[:most]
    ]
    rows += [
        ("-", MARKS[one.severity], _about(keys, one.subject, one.keys), one.rule, "") for one in preview.gone[:most]
    ]
    rows += [
        ("", MARKS[was.finding.severity], _found(keys, was.finding), was.finding.rule, _regraded(was))
        for was in preview.regraded[:most]
    ]
    screen.table(rows, shrink=(4,))
    for number, what in ((len(preview.new), "new"), (len(preview.gone), "gone"), (len(preview.regraded), "other")):
        if number > most:
            screen.say(f"  … {number - most:,} more {what}: --all, or --format json")


def _found(keys: Keys, finding: Finding) -> str:
    return _about(keys, finding.subject, [seen.key for seen in finding.own])


def _regraded(was: Regraded) -> str:
    return f"{was.before.value} → {was.finding.severity.value}"


def _about(keys: Keys, subject: str, items: Iterable[str]) -> str:
    return cut(clean(subject or keys.task(items)), 30)


def _plans(screen: Screen, preview: Preview, *, every: bool) -> None:
    screen.blank()
    for name, side in (("before", preview.before), ("after ", preview.after)):
        screen.phrases(f"plan {name}", *_plan(side), style="bold")
    if not preview.coming and not preview.going:
        return
    screen.say(
        f"  {count(len(preview.coming), 'change')} would come, {len(preview.going):,} go, {len(preview.staying):,} stay"
    )
    most = max(len(preview.coming), len(preview.going)) if every else MOST
    for sign, side, changes in (("+", preview.after, preview.coming), ("-", preview.before, preview.going)):
        wording = Wording(side.world.tasks, side.terms)
        screen.table([_line(sign, wording, change) for change in changes[:most]], shrink=(4, 3))
        _more(screen, len(changes), most)


def _plan(side: Side) -> list[str]:
    plan = side.plan
    if not plan.changes and not plan.conflicts and not plan.left_alone:
        return ["nothing to do"]
    refs = {change.ref for change in plan.changes}
    touched = sum(any(item.ref in refs for item in task.items) for task in side.world.tasks)
    return [
        plan.digest,
        f"{count(len(plan.changes), 'change')} in {touched:,} of {count(len(side.world.tasks), 'task')}",
        count(len(plan.conflicts), "conflict"),
        f"{len(plan.left_alone):,} left alone",
    ]


def _line(sign: str, wording: Wording, change: Change) -> tuple[str, ...]:
    task, step, native = cut(wording.task(change.ref, change.key), 30), wording.step(change), wording.native(change)
    return sign, task, change.field, clean(step), clean(native) if native != step else ""


def _unknown(screen: Screen, preview: Preview) -> None:
    """What of the plans could not be told without asking a tracker."""
    before, after = len(preview.before.untold), len(preview.after.untold)
    if before or after:
        trackers = sorted({left.ref.tracker for side in (preview.before, preview.after) for left in side.untold})
        hanging(
            screen,
            ("! "),
            f"{count(before, 'move')} before and {after:,} after are not in these plans: which transitions "
            f"{' and '.join(trackers)} allows there was not asked yet; `trackersync plan` asks",
        )
    if preview.after.unsettled:
        number = count(preview.after.unsettled, "conflict")
        hanging(screen, "! ", f"{number} may settle by the latest edit, once the histories of the items are read")


def _guard(screen: Screen, preview: Preview) -> None:
    if preview.after.plan.changes and preview.after.holds:
        screen.blank()
        reasons = "; ".join(f"{hold.name} ({hold.sentence})" for hold in preview.after.holds)
        screen.say(f"The guard would hold the plan after: {reasons}.")


def _more(screen: Screen, there: int, most: int) -> None:
    if there > most:
        screen.say(f"  … {there - most:,} more: --all, or --format json")
