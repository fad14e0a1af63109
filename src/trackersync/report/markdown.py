"""A check as Markdown: the summary of a GitHub job, a comment, a wiki page. One screen first, the rest folded.

Worst first, at most 200 rows and well under the 1 MiB that GitHub takes; what is left out is said. Text from trackers
means nothing in it: no link but to an item's own page, nobody is pinged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from trackersync import __version__
from trackersync.core.checked import Checked, Noted
from trackersync.core.diagnose import PLACES, Finding
from trackersync.core.model import ItemRef, Severity
from trackersync.core.outcome import Outcome, World
from trackersync.core.process import Process
from trackersync.core.quiet import Quiet
from trackersync.core.terms import Task
from trackersync.report.names import Keys, ago, count
from trackersync.report.page import ROWS, Room, folded, moment, row
from trackersync.report.quiet import quiet_markdown
from trackersync.report.safe import markdown, markdown_link, markdown_order
from trackersync.report.text.opening import open_tasks, shown, tally
from trackersync.report.text.screen import MARKS

_ITEMS = 6


def check_markdown(
    outcome: Outcome,
    checked: Checked,
    process: Process,
    now: datetime,
    quiet: Quiet | None = None,
    *,
    said: Sequence[str] = (),
    room: Room | None = None,
) -> str:
    """The whole page.

    Args:
        outcome: of a check.
        checked: what it tells.
        process: the delivery process, whose stages are listed.
        now: the moment, from which ages are told.
        quiet: that nothing ran for too long before; None where it did.
        said: sentences that belong above all findings, in Markdown.
        room: what there is room for; by default what GitHub takes of a job's summary.
    """
    world = outcome.world
    findings = shown(checked.findings)
    page = Findings(world, now, room or Room())
    known = checked.baseline.known if checked.baseline else frozenset()
    fresh = checked.new if checked.since is not None else frozenset()
    needy, rest = needs_someone((one for one in findings if one not in known), fresh)
    borne = [finding for finding in findings if finding in known]
    parts = [
        f"## trackersync: {_headline(world, findings, fresh, checked)}",
        verdict(checked.findings, fresh),
        _story(outcome, checked, now),
        quiet_markdown(quiet) if quiet is not None else "",
        *said,
        *troubles(outcome),
        "### Needs someone\n\n" + page.table(needy, fresh) if needy else "",
        folded(where(world, checked.findings, process)),
        folded(("Warnings and notes", f"{len(rest):,}", page.table(rest, fresh))) if rest else "",
        folded(("Known in the baseline", f"{len(borne):,}", page.table(borne, fresh))) if borne else "",
        folded(("Gone since then", f"{len(checked.gone):,}", page.gone(checked.gone))) if checked.gone else "",
        _footer(outcome, checked),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_RANK = {severity: place for place, severity in enumerate(Severity)}


def _warns(finding: Finding) -> bool:
    return finding.severity is Severity.WARNING


def _headline(world: World, findings: Sequence[Finding], fresh: frozenset[Finding], checked: Checked) -> str:
    """One line for a telephone's lock screen: of what may fail, since what a baseline knows is no news."""
    may_fail = set(checked.failing)
    findings = [finding for finding in findings if finding in may_fail]
    kinds = Counter(finding.severity for finding in findings)
    worst = [count(kinds[kind], kind.value) for kind in (Severity.ERROR, Severity.WARNING) if kinds[kind]][:1]
    new = [f"{sum(finding in fresh for finding in findings):,} new"] if checked.since is not None else []
    return ", ".join([*unread(world), count(open_tasks(world), "open task"), *(worst or ["nothing wrong"]), *new])


def needs_someone(findings: Iterable[Finding], fresh: frozenset[Finding]) -> tuple[list[Finding], list[Finding]]:
    """What somebody must see to now, errors first and then what is new and more than a note; and the rest."""
    ranked = sorted(findings, key=lambda one: _RANK[one.severity])
    needy = [one for one in ranked if one.severity is Severity.ERROR or (one in fresh and _warns(one))]
    urgent = set(needy)
    return needy, [finding for finding in ranked if finding not in urgent]


def verdict(findings: Iterable[Finding], fresh: frozenset[Finding] = frozenset()) -> str:
    """The five places; the first three in bold where they are not empty, and how many came since the last check."""
    findings = shown(findings)
    numbers = tally(findings)
    new = Counter[str](finding.place for finding in findings if finding in fresh)
    cells = [
        (f"**{number:,}**" if number and place in PLACES[:3] else f"{number:,}")
        + (f" (+{new[place]:,})" if new[place] else "")
        for place, number in numbers.items()
    ]
    return "\n".join([row(numbers), row([":-:"] * len(cells)), row(cells)])


def _story(outcome: Outcome, checked: Checked, now: datetime) -> str:
    """When it was, and what changed since the last time."""
    said = [f"Checked {moment(now)}{', from the store: nothing was asked of the trackers' if outcome.offline else ''}."]
    if checked.since is not None:
        new, gone = len(checked.new), len(checked.gone)
        said.append(f"{new:,} new and {gone:,} gone since {moment(checked.since)}.")
    if checked.baseline is not None:
        base, known = checked.baseline, len(checked.baseline.known)
        said.append(
            f"{len(checked.failing):,} new since the baseline {markdown(base.file)}, {known:,} known, "
            f"{len(base.gone):,} gone."
        )
    if checked.asked:
        left = f"; {count(checked.left_out, 'finding')} besides" if checked.left_out else ""
        said.append(f"Asked for {markdown(' '.join(checked.asked))}{left}.")
    return " ".join(said)


def unread(world: World) -> list[str]:
    """What could not be read, for a heading: without it no number there is what it seems."""
    failed = [(markdown(look.tracker), look.failure) for look in world.looks.values() if look.failure is not None]
    return [f"{'part of ' if failure.containers else ''}{tracker} not read" for tracker, failure in failed]


def troubles(outcome: Outcome) -> Iterable[str]:
    """What could not be read, a sentence each."""
    for look in outcome.world.looks.values():
        if look.failure is not None:
            which = ", ".join(look.failure.containers)
            where = f"{look.tracker} {which}" if which else look.tracker
            yield f"**{markdown(where)} was not read**, and stands as last observed: {markdown(str(look.failure))}"


def where(world: World, findings: Sequence[Finding], process: Process) -> tuple[str, str, str]:
    """How many open tasks stand in each stage, and how many faults."""
    cases = Counter(case.stage.key for case in world.cases if case.stage and not case.finished)
    faults = Counter((finding.stage, finding.place) for finding in shown(findings))
    rows = [row(["phase", "stage", "tasks", *PLACES[:3]]), row(["-", "-", "-:", "-:", "-:", "-:"])]
    last = ""
    stages = [stage for stage in process.stages if not stage.finished]
    for stage in stages[:ROWS]:
        numbers = [cases[stage.key], *(faults[stage.key, place] for place in PLACES[:3])]
        phase = "" if stage.phase == last else stage.phase
        last = stage.phase
        rows.append(row([markdown(phase), markdown(stage.key), *(f"{n:,}" if n else "·" for n in numbers)]))
    tasks = f"{count(sum(cases.values()), 'task')} in {count(len(stages), 'stage')}"
    return "Where everything is", tasks, "\n".join(rows)


def _footer(outcome: Outcome, checked: Checked) -> str:
    said = footer(outcome)
    if checked.silenced:
        said.append(f"{len(checked.silenced):,} silenced")
    if checked.expired:
        said.append(f"{count(len(checked.expired), 'silence')} past their day")
    return " · ".join(said)


def footer(outcome: Outcome) -> list[str]:
    """The program's version, what was looked at, and at what price."""
    looks = outcome.world.looks.values()
    items = Counter(item.ref.tracker for task in outcome.world.tasks for item in task.items)
    observed = ", ".join(f"{markdown(look.tracker)} {count(items[look.tracker], 'item')}" for look in looks)
    part = [markdown(look.tracker) for look in looks if not look.complete]
    completeness = f"not complete: {', '.join(part)}" if part else "complete"
    asked = sum(sum(kinds.values()) for kinds in outcome.requests.values())
    return [f"trackersync {__version__}", f"observed {observed}; {completeness}", count(asked, "request")]


class Tasks:
    """Tasks as links to their items' pages, the item that matters first."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        """Learn how items are called, and which belong together."""
        tasks = tuple(tasks)
        self._keys = Keys(item for task in tasks for item in task.items)
        self._tasks = {item.ref: task for task in tasks for item in task.items}

    def linked(self, ref: ItemRef, key: str) -> str:
        """The task of an item; its key alone where it is of no task any more."""
        task = self._tasks.get(ref)
        if task is None:
            return markdown(self._keys.short(key), 80)
        items = sorted(task.items, key=lambda item: item.ref != ref)
        more = f" and {len(items) - _ITEMS} more" if len(items) > _ITEMS else ""
        return " = ".join(markdown_link(self._keys.short(item.key), item.url) for item in items[:_ITEMS]) + more


class Findings:
    """Tables of findings, as far as there is room on the page."""

    def __init__(self, world: World, now: datetime, room: Room) -> None:
        """Learn how items are called."""
        self._keys = Keys(item for task in world.tasks for item in task.items)
        self._now = now
        self._room = room

    def table(self, findings: Sequence[Finding], fresh: frozenset[Finding]) -> str:
        """A table of findings: whose, where, what, and what to do."""
        head = ["", "task", "stage, quiet for", "what", "next"]
        return self._room.table(head, (self._cells(finding, fresh) for finding in findings), len(findings))

    def gone(self, gone: Sequence[Noted]) -> str:
        """A table of what was found and is not any more."""
        rows = (
            [markdown(one.rule), markdown(one.subject or ", ".join(one.keys[:_ITEMS])), markdown(one.message)]
            for one in gone
        )
        return self._room.table(["rule", "task", "what it was"], rows, len(gone))

    def _cells(self, finding: Finding, fresh: frozenset[Finding]) -> list[str]:
        mark = MARKS[finding.severity][0] + (" new" if finding in fresh else "")
        where = markdown(finding.stage or "?") if finding.task or finding.stage else ""
        quiet = f", {ago(self._now - finding.touched)}" if finding.task else ""
        return [mark, self._task(finding), where + quiet, _what(finding), _next(finding)]

    def _task(self, finding: Finding) -> str:
        if finding.subject:
            return markdown(finding.subject)
        mine = finding.own
        links = [markdown_link(self._keys.short(seen.key), seen.url) for seen in mine[:_ITEMS]]
        more = f" and {len(mine) - _ITEMS} more" if len(mine) > _ITEMS else ""
        return " ".join(part for part in (" = ".join(links) + more, markdown(finding.title, 80)) if part)


def _what(finding: Finding) -> str:
    """The place in bold, and what proves it; that nobody owns a task needs no proof."""
    proof = markdown(finding.table or finding.message)
    if finding.place == "no owner":
        return "**no owner**"
    return proof if finding.place == "other" else f"**{finding.place}**: {proof}"


def _next(finding: Finding) -> str:
    if finding.could_be:
        one = finding.could_be[0]
        return markdown(f"{one.person}? ({one.because})")
    return markdown_order(finding.fix)
