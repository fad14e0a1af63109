"""``sandbox`` and ``demo``: the tool on stand-ins, without a token. Nothing here has a result written into it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from asyncio import CancelledError
from pathlib import Path

from trackersync.cli.exits import Exit
from trackersync.cli.running import Common, configured, walk
from trackersync.core.model import Outcome as Became
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.terms import Terms
from trackersync.errors import ConfigError
from trackersync.pipeline import Order
from trackersync.report.names import count
from trackersync.report.text.change import Wording
from trackersync.report.text.check import stage_table
from trackersync.report.text.opening import left, verdict
from trackersync.report.text.plan import headline
from trackersync.report.text.screen import Screen
from trackersync.sandbox import Options, Sandbox, configuration, running

LINES = 4
"""Changes shown of a plan; `trackersync plan` shows them all."""


def serve_sandbox(options: Options) -> None:
    """Serve until Ctrl-C or SIGTERM, having said where, and how a configuration names it."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    screen = Screen.on(sys.stdout)
    try:
        with running(options) as sandbox:
            _addresses(screen, sandbox)
            screen.next(
                (f"export GITHUB_URL={sandbox.github_url} JIRA_URL={sandbox.jira_url}", ""),
                ("export GITHUB_TOKEN=sandbox JIRA_TOKEN=sandbox", "any token will do"),
            )
            sys.stdout.flush()
            stop.wait()
    except ValueError as error:
        # A file that cannot be loaded (LoadError), or a repository's or project's name that cannot be one.
        raise ConfigError(str(error), next_step="trackersync sandbox --help") from error
    except OSError as error:
        raise ConfigError(
            f"the sandbox cannot listen: {error.strerror}", next_step="name another port, or 0"
        ) from error
    screen.say("sandbox   down; nothing is left running.")


def _addresses(screen: Screen, sandbox: Sandbox) -> None:
    github, jira = sandbox.github, sandbox.jira
    issues = sum(not issue.pull for issue in github.issues.values())
    screen.say(f"sandbox   github  {sandbox.github_url}   {github.repository}   {count(issues, 'issue')}")
    screen.say(
        f"          jira    {sandbox.jira_url}   {', '.join(jira.workflows)}   {count(len(jira.issues), 'issue')}"
    )


def run_demo(folder: Path) -> Exit:
    """Walk the whole road on the sample shop, each step with the command it stands for.

    Returns:
        0 when a second sync planned nothing and wrote nothing, twice; 130 when it was stopped; 5 otherwise.
    """
    begun = time.monotonic()
    screen = Screen.on(sys.stdout)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    try:
        good = _walked(screen, folder)
    except (KeyboardInterrupt, CancelledError):
        # What was written meanwhile is written to nobody's tracker.
        Screen.on(sys.stderr).say(f"Stopped. The stand-ins are down; configuration and store are in {folder}/")
        return Exit.INTERRUPTED
    screen.blank()
    screen.say(f"sandbox   down; nothing is left running.  Configuration and store are in {folder}/")
    screen.say(f"total     {time.monotonic() - begun:.0f} s")
    screen.next(
        ("trackersync init --sandbox", "the same with your hands on it, still without a token"),
        ("trackersync init", "with your own trackers: reads only until you say so"),
    )
    return Exit.FINE if good else Exit.PARTLY


def _walked(screen: Screen, folder: Path) -> bool:
    with running(Options()) as sandbox:
        _addresses(screen, sandbox)
        file = folder / "trackersync.yaml"
        text = configuration().replace("${GITHUB_URL}", sandbox.github_url).replace("${JIRA_URL}", sandbox.jira_url)
        file.write_text(text, encoding="utf-8")
        os.environ |= {"GITHUB_TOKEN": "sandbox", "JIRA_TOKEN": "sandbox"}
        return _Demo(screen, file).walk(sandbox)


class _Demo:
    """The steps of the demo, drawn as they happen."""

    def __init__(self, screen: Screen, file: Path) -> None:
        self.screen = screen
        self.common = Common(file, None, "text", quiet=True)
        self.configuration = configured(self.common)
        self.step = 0

    def walk(self, sandbox: Sandbox) -> bool:
        self.title("What is wrong?", "trackersync check")
        outcome, _ = self.run(Order("check"))
        verdict(self.screen, outcome.world)
        self.screen.blank()
        stage_table(self.screen, outcome.world, self.configuration.process)
        self.title("What would be written?", "trackersync plan")
        outcome, terms = self.run(Order("plan"))
        plan = outcome.plan or Plan(())
        wording = Wording(outcome.world.tasks, terms)
        headline(self.screen, outcome, "nothing written")
        self.changes(outcome, terms, LINES)
        for left_alone in plan.left_alone:
            task = wording.task(left_alone.ref, left_alone.key)
            self.screen.say(f"   left alone: {task}: {left_alone.because}")
        self.title("Write it.", f"trackersync sync --approve {plan.digest}")
        outcome, _ = self.run(Order("sync", approve=plan.digest))
        self.written(outcome)
        left(self.screen, outcome.world, indent=3)
        self.title("And again?", "trackersync sync")
        quiet = self.again()
        self.title("Meanwhile people go on working.", "trackersync sync")
        for sentence in sandbox.meanwhile():
            self.screen.say(f"   {sentence}")
        outcome, terms = self.run(Order("sync"))
        self.changes(outcome, terms, 10)
        self.written(outcome)
        self.title("And again?", "trackersync sync")
        return self.again() and quiet

    def title(self, title: str, command: str) -> None:
        self.step += 1
        self.screen.blank()
        head = f"{self.step}  {title}"
        self.screen.say((head, "bold"), " " * max(3, 92 - len(head) - len(command)), (command, "dim"))
        self.screen.blank()

    def run(self, order: Order) -> tuple[Outcome, Terms]:
        outcome, terms = walk(self.common, self.configuration, order)
        if outcome.interrupted:
            raise KeyboardInterrupt
        for failure in outcome.failures:
            self.screen.say(f"   {failure}")
        return outcome, terms

    def written(self, outcome: Outcome) -> None:
        applied = sum(receipt is not None and receipt.outcome is Became.APPLIED for receipt in outcome.receipts)
        self.screen.say(
            f"   {applied} of {len(outcome.receipts)} applied     {_price(outcome)}     "
            f"take it back: trackersync undo {outcome.run}"
        )

    def again(self) -> bool:
        outcome, _ = self.run(Order("sync"))
        own = sum(look.own for look in outcome.world.looks.values())
        changed = sum(look.changed for look in outcome.world.looks.values())
        news = f"{count(own, 'item')} changed, each by our own write." if own and not changed else ""
        planned = len(outcome.plan.changes) if outcome.plan else 0
        self.screen.say(f"   {news or 'Nothing changed.'}     {_price(outcome)}")
        self.screen.say("   Nothing to do." if not planned else f"   {count(planned, 'change')} planned.")
        return planned == 0 and all(kinds.get("write", 0) == 0 for kinds in outcome.requests.values())

    def changes(self, outcome: Outcome, terms: Terms, most: int) -> None:
        plan = outcome.plan or Plan(())
        wording = Wording(outcome.world.tasks, terms)
        rows = [
            (
                wording.task(change.ref, change.key),
                change.field,
                wording.step(change),
                change.because,
            )
            for change in plan.changes[:most]
        ]
        self.screen.table(rows, shrink=(3,), indent=3)
        if len(plan.changes) > most:
            self.screen.say(f"   … {len(plan.changes) - most} more")


def _price(outcome: Outcome) -> str:
    writes = sum(kinds.get("write", 0) for kinds in outcome.requests.values())
    reads = sum(kinds.get("read", 0) for kinds in outcome.requests.values())
    return f"{count(writes, 'write')}, {count(reads, 'read')}"
