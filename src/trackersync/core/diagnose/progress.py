"""Rules about time and load: what stays too long, what is late, and where too much is begun at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.journey import since
from trackersync.core.diagnose.rule import AnyRule, Fault, Rule, Tally, Total, setting


@dataclass(frozen=True, slots=True)
class StuckInStage:
    """Settings of ``stuck-in-stage``."""

    expected: float = setting(0.0, "So many working days a task may stay in a stage; 0: as the process says.")


def _stuck_in_stage(case: Case, settings: StuckInStage) -> Iterator[Fault]:
    """Only what is known to have been there so long: see ``journey.since``."""
    expected = settings.expected or (case.stage.expected if case.stage else None)
    if case.stage is None or not expected:
        return
    # Where nothing is known of the past, it cannot have come later than it was touched last.
    if not case.watch.over(_first(case) if case.known.pasts else case.touched, expected):
        return
    came = since(case)
    if came is None or not case.watch.over(came.at, expected):
        return
    spent = f"{case.watch.days(came.at)} d"
    if not case.watch.calendar.every_day:
        spent += f" ({case.watch.working_days(came.at)} working)"
    least = "" if came.exact else "at least "
    key = case.stage.key
    yield Fault(
        f"{case.keys} has been {case.inside} for {least}{spent}, {expected:g} d expected",
        table=f"{key} for {spent}, {expected:g} d expected",
    )


def _first(case: Case) -> datetime:
    """When the first of a task's items was made: it was in no stage before."""
    return min(witness.item.created for witness in case.witnesses)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Settings of ``overdue``."""

    grace: int = setting(0, "So many days a task may be late.")


def _overdue(case: Case, settings: Overdue) -> Iterator[Fault]:
    late = [(due, witness) for witness in case.witnesses for due in _dues(witness) if _past(due, case, settings.grace)]
    if not late:
        return
    due, witness = min(late, key=lambda one: one[0])
    days = (case.watch.today - due).days
    yield Fault(f"{witness.item.key} was due on {due}, {days} d ago", witness, table=f"due on {due}, {days} d ago")


def _dues(witness: Witness) -> Iterator[date]:
    for value in witness.shows("due"):
        try:
            yield date.fromisoformat(value)
        except ValueError:
            # Not written as trackers write dates: then nothing is known of one.
            continue


def _past(due: date, case: Case, grace: int) -> bool:
    """Whether the day after a date, and some more, has begun."""
    try:
        after = due + timedelta(days=max(grace, 0) + 1)
        return case.watch.passed(case.watch.calendar.begins(after))
    except OverflowError:
        # A date at the end of the calendar, which people write for "never".
        return False


@dataclass(frozen=True, slots=True)
class WipOverLimit:
    """Settings of ``wip-over-limit``."""

    most: int = setting(0, "So many open tasks a stage may hold; 0: any number.")


def _standing(case: Case, settings: WipOverLimit) -> Iterator[str]:
    if settings.most > 0 and case.stage is not None:
        yield case.stage.key


def _wip_over_limit(total: Total, settings: WipOverLimit) -> Iterator[Fault]:
    count = total.count
    if count > settings.most:
        yield Fault(
            f"stage {total.key} holds {count} open tasks, {settings.most} at most",
            table=f"{count} open tasks, {settings.most} at most",
        )


STUCK_IN_STAGE = Rule(
    name="stuck-in-stage",
    family="stages",
    summary="An open task that has been in its stage for longer than expected.",
    why="Work that does not move is blocked, forgotten or larger than thought, and whoever waits for it is not told.",
    fix="move it on, split it, or say what it waits for",
    judge=_stuck_in_stage,
    settings=StuckInStage,
    example="rules:\n  stuck-in-stage: {stages: {build: {expected: 20}, idea: off}}",
)
OVERDUE = Rule(
    name="overdue",
    family="stages",
    summary="An open task whose due date is past.",
    why="Others have planned with that date. A date that nobody keeps or corrects tells them nothing.",
    fix="finish it, or agree on another date",
    judge=_overdue,
    settings=Overdue,
    needs="evidence: [relations]",
    example="rules:\n  overdue: {grace: 2}",
)
WIP_OVER_LIMIT = Rule(
    name="wip-over-limit",
    family="stages",
    summary="More open tasks in a stage than it may hold.",
    why="What is begun and not finished serves nobody, and each further task makes all the others slower.",
    fix="finish some of them before another is begun",
    tally=Tally(keys=_standing, judge=_wip_over_limit, subject=lambda key: f"stage {key}"),
    settings=WipOverLimit,
    example="rules:\n  wip-over-limit: {stages: {build: {most: 8}, verify: {most: 4}}}",
)
RULES: tuple[AnyRule, ...] = (STUCK_IN_STAGE, OVERDUE, WIP_OVER_LIMIT)
