"""What the reports' tests print: findings made by hand, and the sample shop at a moment that never passes."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from product import CHECKOUT
from trackersync.config import load
from trackersync.core.checked import Baseline, Checked, Noted
from trackersync.core.diagnose import PLACES, Advice, Finding, Seen, Silence, Silenced, Watch
from trackersync.core.link import Links
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome, World
from trackersync.core.selection import Selection, checked
from trackersync.http import SystemClock
from trackersync.pipeline import Order, run_once
from trackersync.pipeline.opening import opened
from trackersync.registry import discover
from trackersync.sandbox import GitHub, Jira, configuration, github_app, jira_app, shop
from trackersync.sandbox.server import _serving

if TYPE_CHECKING:
    from pathlib import Path

    from trackersync.config import Configuration

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
GOLDEN = CHECKOUT / "tests" / "shell" / "golden"


def seen(
    key: str = "SHOP-42",
    tracker: str = "jira",
    *,
    id: str = "",  # noqa: A002  # its name in Seen
    url: str = "https://acme.example/browse/1",
    owners: tuple[str, ...] = (),
) -> Seen:
    return Seen(tracker, id or key, key, url, "SHOP", "build", "In Progress", owners)


def finding(rule: str = "no-owner", severity: Severity = Severity.ERROR, *items: Seen, **more: object) -> Finding:
    given: dict[str, object] = {
        "rule": rule,
        "place": "no owner",
        "severity": severity,
        "task": "t1",
        "subject": "",
        "title": "Gift cards",
        "stage": "build",
        "touched": NOON - timedelta(days=3),
        "items": items or (seen(),),
        "message": "SHOP-42 is in build and has no owner",
        "table": "",
        "fix": "assign engineer",
        **more,
    }
    return Finding(**given)  # type: ignore[arg-type]  # each of them as Finding has it


def outcome(*findings: Finding) -> Outcome:
    return Outcome(World({}, Links({}, (), (), ()), (), (), findings))


def compared(*findings: Finding, new: tuple[Finding, ...] = ()) -> Checked:
    """A check that had one before it."""
    return Checked(findings, frozenset(new), since=NOON - timedelta(days=2))


class StillClock(SystemClock):
    """It is noon, whatever happens."""

    def now(self) -> datetime:
        return NOON


def sample_shop(folder: Path) -> tuple[Configuration, Outcome, Checked]:
    """A check of the sample shop at noon, without what differs from run to run: addresses, and the tasks' own ids."""
    github, jira = GitHub("acme/shop", clock=lambda: NOON), Jira({"SHOP": shop.workflow()}, clock=lambda: NOON)
    shop.fill_github(github)
    shop.fill_jira(jira, "SHOP", "acme/shop")
    with ExitStack() as stack:
        urls = (stack.enter_context(_serving(github_app(github), 0)), stack.enter_context(_serving(jira_app(jira), 0)))
        text = configuration().replace("${GITHUB_URL}", urls[0]).replace("${JIRA_URL}", urls[1])
        file = folder / "trackersync.yaml"
        file.write_text(text, encoding="utf-8")
        configured = load(file, registry=discover(), store=None)
        found = asyncio.run(_checked(configured))
    plain = _plain(found, dict(zip(urls, ("https://github.example", "https://jira.example"), strict=True)))
    watch = Watch(NOON, configured.rulebook.calendar)
    return configured, plain, checked(plain, Selection(), configured.rulebook, watch, None)


async def _checked(configured: Configuration) -> Outcome:
    async with opened(configured) as session:
        return await run_once(replace(session, clock=StillClock()), Order("check"))


def _plain(found: Outcome, names: dict[str, str]) -> Outcome:
    world = found.world
    ids = {task.id: f"task of {task.items[0].key}" for task in world.tasks}

    def address(url: str) -> str:
        for real, name in names.items():
            url = url.replace(real, name)
        return url

    findings = tuple(
        replace(
            one,
            task=ids.get(one.task, ""),
            items=tuple(replace(item, url=address(item.url)) for item in one.items),
        )
        for one in world.findings
    )
    tasks = tuple(replace(task, id=ids[task.id]) for task in world.tasks)
    requests = {name: {"read": 7, "write": 0} for name in world.looks}
    return replace(found, world=replace(world, findings=findings, tasks=tasks), requests=requests)


_PIECES = (
    *("|", "`", "``", "<script>", "</details>", "<!--", "-->", "<img src=x>", "&amp;", "&#64;", "\n", "\r\n", "\u2028"),
    *("@ada-l", "@acme/everyone", "#17", "GH-17", "acme/shop#17", "[x](https://evil.example)", "![x](y)", "]("),
    *("https://evil.example", "www.evil.example", "mail@evil.example", "::error::", "::set-output name=a::b", "%0A::"),
    *("##[error]", "%25", "\u202e", "\u200b", "\x1b[31m", "\x00", "**", "__", "~~", "$x$", "---", "- ", "# ", "\\"),
    *("\\|", ":bomb:", "{0}", "{{", '"', "'", ",", ":", "=", "[", "]", "\ud800", "\U0001f600"),
)
hostile = st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=4).map("".join)
"""Text that means something to somebody."""
addresses = (
    # Any https address is one that a tracker may be at; of those there is one here.
    hostile.filter(lambda text: not text.startswith("https:"))
    | hostile.map(lambda text: f"https://acme.example/{text}")
    | st.just("javascript:alert(1)")
)


@st.composite
def hostile_findings(draw: st.DrawFn) -> Finding:
    items = draw(
        st.lists(
            st.builds(
                Seen, st.sampled_from(["jira", "github"]), hostile, hostile, addresses, hostile,
                st.none() | hostile, hostile, st.lists(hostile, max_size=3).map(tuple),
            ),
            max_size=4,
        )
    )  # fmt: skip
    texts = {name: draw(hostile) for name in ("task", "subject", "title", "message", "table", "fix")}
    advice = draw(st.lists(st.builds(Advice, hostile, hostile, hostile, hostile), max_size=2))
    return Finding(
        rule=draw(st.sampled_from(["no-owner", "stuck-in-stage"]) | hostile),
        place=draw(st.sampled_from(PLACES)),
        severity=draw(st.sampled_from(Severity)),
        stage=draw(st.none() | hostile),
        touched=NOON,
        items=tuple(items),
        could_be=tuple(advice),
        **texts,
    )


@st.composite
def hostile_checks(draw: st.DrawFn) -> Checked:
    findings = tuple(draw(st.lists(hostile_findings(), max_size=2, unique=True)))
    notes = st.lists(
        st.builds(
            Noted, hostile, st.tuples(hostile, hostile), st.tuples(hostile, hostile), hostile,
            st.sampled_from(Severity), hostile, st.just(NOON),
        ),
        max_size=2,
    ).map(tuple)  # fmt: skip
    some = frozenset(findings[::2])
    silence = st.builds(Silence, st.just(()), hostile, st.just(NOON.date()), where=hostile)
    return Checked(
        findings,
        new=some,
        gone=draw(notes),
        since=draw(st.sampled_from([None, NOON - timedelta(days=1)])),
        seen=dict.fromkeys(some, NOON),
        baseline=draw(st.none() | st.builds(Baseline, hostile, st.just(some), notes)),
        silenced=tuple(draw(st.lists(st.builds(Silenced, hostile_findings(), silence), max_size=1))),
        expired=tuple(draw(st.lists(silence, max_size=1))),
        asked=tuple(draw(st.lists(hostile, max_size=2))),
    )
