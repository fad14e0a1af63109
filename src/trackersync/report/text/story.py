"""``trackersync explain``: how a task stands, its story in sentences, and what to do next."""

from __future__ import annotations

from datetime import datetime, tzinfo

from rich.text import Text

from trackersync.core.story import Ages, Line, Standing, Story
from trackersync.report.names import ago, clean, count
from trackersync.report.story import next_steps
from trackersync.report.text.folded import hanging
from trackersync.report.text.screen import MARKS, Screen
from trackersync.report.times import clock, day, when


def story_screen(
    screen: Screen, story: Story, *, zone: tzinfo | None = None, verbose: bool = False
) -> list[tuple[str, str]]:
    """Draw the whole screen but for the next commands.

    Args:
        screen: where to.
        story: the task's.
        zone: where the reader is; None: where this machine is.
        verbose: the requests of our writes too.

    Returns:
        The next commands, each with what it does.
    """
    screen.say((" = ".join(story.keys.values()), "bold"), f"    {clean(story.title)}")
    screen.blank()
    _fields(screen, story, zone)
    screen.blank()
    _ages(screen, story, zone)
    _findings(screen, story)
    screen.blank()
    _lines(screen, story, zone, verbose=verbose)
    return next_steps(story)


def _fields(screen: Screen, story: Story, zone: tzinfo | None) -> None:
    trackers = tuple(story.keys)
    rows: list[tuple[str, ...]] = [("", *trackers, "base", "")]
    rows += [
        (
            field.field,
            *(clean(field.says.get(tracker, "·")) for tracker in trackers),
            field.base or "·",
            _state(field, story, zone),
        )
        for field in story.fields
    ]
    rows.append(("as of", *(_fresh(story.seen.get(tracker), story) for tracker in trackers), "", ""))
    screen.table(rows, shrink=tuple(range(1, len(trackers) + 1)))
    for why in dict.fromkeys(field.why for field in story.fields if field.why):
        names = " and ".join(field.field for field in story.fields if field.why == why)
        hanging(screen, f"  {names}: ", f"{clean(why)}{'' if why.endswith('.') else '.'}")


def _fresh(at: datetime | None, story: Story) -> str:
    return "never" if at is None else f"{ago(story.now - at)} ago"


def _state(field: Standing, story: Story, zone: tzinfo | None) -> str:
    if field.state == "alone":
        return "" if story.solitary else "in one tracker only"
    return field.state if field.since is None else f"{field.state} since {when(field.since, story.now, zone)}"


def _ages(screen: Screen, story: Story, zone: tzinfo | None) -> None:
    ages = story.ages
    parts = [_stay(ages, story, zone), f"{ago(story.now - ages.created)} old", count(ages.handoffs, "hand-off")]
    if ages.owned is not None:
        today, then = (day(at, story.now, zone) for at in (story.now, ages.owned))
        since = clock(ages.owned, zone) if then == today else " ".join(then.split()[1:])
        parts.append(f"never without an owner since {since}")
    screen.say("  ", "; ".join(part for part in parts if part))


def _stay(ages: Ages, story: Story, zone: tzinfo | None) -> str:
    if ages.stage is None:
        return ""
    if ages.finished:
        return f"{ages.stage} since {when(ages.since, story.now, zone)}"
    least = "" if ages.known else "at least "
    expected = "" if ages.expected is None else f", {ages.expected:g} d expected"
    return f"{ages.stage} for {least}{ago(story.now - ages.since)}{expected}"


def _findings(screen: Screen, story: Story) -> None:
    if story.findings:
        screen.blank()
        wide = max(len(finding.rule) for finding in story.findings)
        for finding in story.findings:
            mark, style = MARKS[finding.severity]
            head = Text.assemble("  ", (mark, style), f" {finding.rule:{wide}}   ")
            hanging(screen, head, clean(finding.message))


def _lines(screen: Screen, story: Story, zone: tzinfo | None, *, verbose: bool) -> None:
    """The days with their times; a day is named once."""
    days = [day(line.at, story.now, zone) for line in story.lines]
    times = [("by " if line.seen else "") + clock(line.at, zone) for line in story.lines]
    wide, times_wide = max(map(len, days), default=0), max(map(len, times), default=0)
    shown = ""
    for line, of, time in zip(story.lines, days, times, strict=True):
        head = f"{of if of != shown else '':{wide}}  {time:>{times_wide}}   "
        shown = of
        hanging(screen, head, clean(line.sentence))
        for sentence in (*line.because, *(_requests(line) if verbose else ())):
            hanging(screen, " " * (len(head) + 2), clean(sentence), style="dim")


def _requests(line: Line) -> tuple[str, ...]:
    return tuple(f"request: {request}" for request in line.requests)
