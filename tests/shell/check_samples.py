"""Findings of a small shop, and the screen of ``check`` drawn from them into memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trackersync.core.checked import Checked
from trackersync.core.diagnose import Advice, Finding, Place, Seen
from trackersync.core.link import Links
from trackersync.core.model import Item, ItemRef, Severity
from trackersync.core.outcome import Look, Outcome, World
from trackersync.core.terms import Task
from trackersync.report.text.check import check_screen
from trackersync.report.text.screen import Screen

NOW = datetime(2026, 3, 5, 10, 15, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
PLACES = {"github": ("acme/shop",), "jira": ("SHOP",)}
NASTY = "red \x1b[31m\x07 \u202etxet\u202c \r\nnew | line \u2028 `x`"


def seen(key: str, *owners: str, stage: str | None = "build", says: str = "In Progress") -> Seen:
    tracker = "github" if "#" in key else "jira"
    container = key.rpartition("#" if "#" in key else "-")[0]
    return Seen(tracker, key, key, f"https://{tracker}.example/{key}", container, stage, says, owners)


def fault(
    rule: str, place: Place, *items: Seen, severity: Severity = Severity.WARNING, title: str = "A title",
    table: str = "", task: str = "", subject: str = "", days: float = 12, could_be: tuple[Advice, ...] = (),
    beside: int = 0,
) -> Finding:  # fmt: skip
    return Finding(
        rule, place, severity, "" if subject else task or items[0].key, subject, title, items[0].stage,
        NOW - timedelta(days=days), items, table or "It is wrong.", table or "it is wrong", "mend it", could_be, beside,
    )  # fmt: skip


SHOP31 = (seen("SHOP-31"), seen("acme/shop#9"))
NOBODY = fault("no-owner", "no owner", *SHOP31, severity=Severity.ERROR, title="Refund e-mail shows the wrong currency")
MANY = fault("many-owners", "duplicate owner", seen("acme/shop#12", "ada-l", "grace-h"), seen("SHOP-35", "ada-l"))
DRIFT = fault(
    "stages-disagree", "stage drift", seen("SHOP-33", "alan-t"),
    seen("acme/shop#11", "alan-t", stage="done", says="closed, completed"),
)  # fmt: skip
STALE = fault(
    "stale-stage-label", "stage drift", seen("acme/shop#6", stage="done", says="closed, completed"),
    seen("SHOP-27", stage="done", says="Done"), table="closed as completed, still labelled review",
)  # fmt: skip
EARLY = fault(
    "deployment-before-development", "other", seen("SHOP-45", "kath-j", stage="launch"), seen("acme/shop#22", "kath-j"),
    seen("SHOP-35", "ada-l"), beside=1, table="launch; sub-task SHOP-35 is still in build", severity=Severity.ERROR,
)  # fmt: skip
VACANT = fault(
    "role-vacant", "other", seen("SHOP-45", "kath-j"), subject="stage launch", table="nobody holds its role, marketing"
)
ALL = (NOBODY, MANY, DRIFT, STALE, EARLY, VACANT)


def item(key: str) -> Item:
    one = seen(key)
    return Item(ItemRef(one.tracker, one.id), key, one.url, "", one.container, NOW, NOW, {})


def outcome(*findings: Finding, trackers: tuple[str, ...] = ("jira", "github"), offline: bool = False) -> Outcome:
    looks = {
        name: Look(name, whole=True, changed=0, own=0, since=NOW - timedelta(minutes=4), complete=True, seconds=0.4)
        for name in trackers
    }
    tasks = {one.task: Task(one.task, tuple(item(part.key) for part in one.own)) for one in findings if one.task}
    return Outcome(World(looks, Links((), (), ()), tuple(tasks.values()), (), findings), offline=offline)


def drawn(
    found: Checked, *, width: int = 100, every: bool = False, plain: bool = False, offline: bool = False,
    trackers: tuple[str, ...] = ("jira", "github"),
) -> tuple[str, list[tuple[str, str]]]:  # fmt: skip
    screen, stream = Screen.into(width, plain=plain)
    of = outcome(*found.findings, trackers=trackers, offline=offline)
    steps = check_screen(screen, of, found, PLACES, NOW, every=every, zone=UTC)
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= width, text
    return text, steps


def told(found: Checked, *, width: int = 100, every: bool = False, plain: bool = False) -> str:
    return drawn(found, width=width, every=every, plain=plain)[0]


def row(text: str, key: str) -> str:
    return next(line for line in text.splitlines() if key in line)
