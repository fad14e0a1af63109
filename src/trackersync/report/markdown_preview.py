"""A preview as Markdown: what a changed configuration would do, for the pull request that changes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trackersync import __version__
from trackersync.core.model import Change
from trackersync.core.preview import Preview, Side, pairs
from trackersync.report.markdown import Findings, Tasks
from trackersync.report.names import Keys, ago, count
from trackersync.report.page import Room, folded, row
from trackersync.report.safe import markdown, markdown_order
from trackersync.report.text.change import Wording
from trackersync.report.text.opening import open_tasks, tally
from trackersync.report.text.preview import Told, unread_words

_KEYS = 10


def preview_markdown(preview: Preview, told: Told, *, said: Sequence[str] = (), room: Room | None = None) -> str:
    """The whole page.

    Args:
        preview: both sides, and what differs.
        told: which configurations, how they differ, and what was never read.
        said: sentences that belong above all, in Markdown.
        room: what there is room for; by default what GitHub takes of a job's summary.
    """
    room = room or Room(more="trackersync preview --all")
    findings = Findings(preview.after.world, told.now, room)
    parts = [
        f"## trackersync: {headline(preview)}",
        _story(preview, told),
        *said,
        *(f"**Note**: {markdown(unread_words(name, names))}" for name, names in told.unread.items()),
        _figures(preview),
        _guard(preview.after),
        _plan("Writes that would come", preview.after, preview.coming, room),
        _plan("Writes that would go", preview.before, preview.going, room),
        _recounted(preview, room),
        folded(("Findings that would come", f"{len(preview.new):,}", findings.table(preview.new, frozenset())))
        if preview.new
        else "",
        folded(("Findings that would go", f"{len(preview.gone):,}", findings.gone(preview.gone)))
        if preview.gone
        else "",
        _changed(told, room),
        f"trackersync {__version__} · from the store alone: nothing was asked of the trackers",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def headline(preview: Preview) -> str:
    """One sentence for a telephone's lock screen."""
    if preview.alike:
        return "this configuration changes nothing"
    said = [
        f"{count(len(preview.recounted), 'task')} in another stage" if preview.recounted else "",
        f"{count(len(preview.new), 'finding')} more" if preview.new else "",
        f"{count(len(preview.gone), 'finding')} less" if preview.gone else "",
        f"{count(len(preview.regraded), 'finding')} of another severity" if preview.regraded else "",
        f"{count(len(preview.coming), 'write')} more" if preview.coming else "",
        f"{count(len(preview.going), 'write')} less" if preview.going else "",
        f"{count(preview.left, 'item')} looked at no more" if preview.left else "",
    ]
    return f"this configuration would mean {', '.join(part for part in said if part)}"


def _story(preview: Preview, told: Told) -> str:
    looks = preview.before.world.looks.values()
    ages = ", ".join(
        f"{markdown(look.tracker)} {ago(told.now - look.since)} old"
        if look.since
        else f"{markdown(look.tracker)} not read to its end"
        for look in looks
    )
    decides = "" if told.decides else " What is written is decided as before."
    return f"{markdown(told.new)} beside {markdown(told.old)}, on what was last read: {ages}.{decides}"


def _figures(preview: Preview) -> str:
    sides = [_numbers(side) for side in (preview.before, preview.after)]
    rows = [
        row([name, f"{before:,}", f"{after:,}", f"{after - before:+,}" if after != before else ""])
        for (name, before), after in zip(sides[0].items(), sides[1].values(), strict=True)
    ]
    return "\n".join([row(["", "before", "after", ""]), row(["-", "-:", "-:", "-:"]), *rows])


def _numbers(side: Side) -> dict[str, int]:
    figures = {"tasks": len(side.world.tasks), "open tasks": open_tasks(side.world), **tally(side.world.findings)}
    return {**figures, "changes planned": len(side.plan.changes), "conflicts": len(side.plan.conflicts)}


def _guard(side: Side) -> str:
    if not side.plan.changes or not side.holds:
        return ""
    held = "; ".join(f"**{markdown(hold.name)}**: {markdown_order(hold.sentence)}" for hold in side.holds)
    return f"The guard would hold the plan after. {held}."


def _plan(title: str, side: Side, changes: Sequence[Change], room: Room) -> str:
    if not changes:
        return ""
    wording, tasks = Wording(side.world.tasks, side.terms), Tasks(side.world.tasks)
    ordered = sorted(changes, key=lambda change: not wording.takes_away(change))
    rows = (
        [
            tasks.linked(change.ref, change.key),
            change.field,
            markdown(wording.step(change)),
            markdown(change.because),
        ]
        for change in ordered
    )
    table = room.table(["item", "field", "was → will be", "because"], rows, len(changes))
    return folded((title, f"{len(changes):,}", table))


def _recounted(preview: Preview, room: Room) -> str:
    if not preview.recounted:
        return ""
    keys = Keys(item for side in (preview.before, preview.after) for task in side.world.tasks for item in task.items)
    moves = pairs(preview.recounted)

    def rows() -> Iterable[Sequence[str]]:
        for (before, after), tasks in moves.items():
            named = ", ".join(markdown(keys.task(one.keys), 80) for one in tasks[:_KEYS])
            more = f", {len(tasks) - _KEYS:,} more" if len(tasks) > _KEYS else ""
            yield [markdown(before or "?"), markdown(after or "?"), f"{len(tasks):,}", named + more]

    table = room.table(["stage before", "stage after", "tasks", "which"], rows(), len(moves))
    return folded(("Tasks counted in another stage", f"{len(preview.recounted):,}", table))


def _changed(told: Told, room: Room) -> str:
    if not told.changed:
        return ""
    rows = ([markdown(part), markdown(words)] for part, words in told.changed)
    table = room.table(["part", "what is other"], rows, len(told.changed))
    return folded(("How the configurations differ", f"{len(told.changed):,}", table))
