"""Run the benchmarks and print tables. Each reader runs in a fresh process against the same stand-in in this one.

One machine, one run: read factors of two, not of a fifth. The stand-ins share the machine's cores with what is
measured, so at 0 ms it is they who set the pace; CPU is the measured process's own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from tests.benchmarks import acting, attending, core, crossing, diagnosing, incremental, receiving
from tests.benchmarks.made import options
from tests.benchmarks.readers import READERS
from tests.product import TOKENS, declared, environment

from trackersync.sandbox import Sandbox, running

console = Console(highlight=False, width=110)


def reading(folder: Path, issues: int, latencies: list[float]) -> None:
    """Read all issues with each reader at each latency."""
    table = Table(*("reader", "latency", "issues", "wall s", "of raw", "CPU s", "of raw", "peak MB"), box=None)
    with running(options(folder, issues)) as sandbox:
        for latency in latencies:
            sandbox.github.latency = sandbox.jira.latency = latency
            raw: dict[str, dict[str, float]] = {}
            for name, (tracker, _) in READERS.items():
                cost = _read(name, sandbox)
                assert cost["items"] == issues, f"{name} read {cost['items']} of {issues}"
                base = raw.setdefault(tracker, cost)
                wall, cpu = (f"{cost[kind] / max(base[kind], 1e-9):.1f} x" for kind in ("seconds", "cpu"))
                table.add_row(name, f"{latency:.0f} ms", f"{issues:,}", f"{cost['seconds']:.2f}", wall,
                              f"{cost['cpu']:.2f}", cpu, f"{cost['peak']:.0f}")  # fmt: skip
            table.add_row()
    console.print("\nreading, every reader in a fresh process; imports not counted")
    console.print(table)


def _read(name: str, sandbox: Sandbox) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.readers", name, sandbox.github_url, sandbox.jira_url]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def deciding(folder: Path, pairs: int) -> None:
    """Time the pure core."""
    table = Table("step", "seconds", "µs a pair", box=None)
    costs = core.timed(folder, pairs)
    for name, seconds in (*costs, ("all of it", sum(seconds for _, seconds in costs))):
        table.add_row(name, f"{seconds:.2f}", f"{seconds / pairs * 1e6:.0f}")
    console.print(f"\nthe core over {pairs:,} pairs in memory")
    console.print(table)


def judging(folder: Path, tasks: list[int], changed: int) -> None:
    """Time the rules."""
    table = Table("tasks", "loop", "cold", "of loop", "again", "changed", "asked", "findings", box=None)
    for size in tasks:
        cost = diagnosing.costs(folder, size, changed)
        ratio = f"{cost.cold / max(cost.loop, 1e-9):.0f} x"
        numbers = (f"{number:,}" for number in (cost.changed, cost.asked, cost.findings))
        table.add_row(f"{size:,}", f"{cost.loop:.2f} s", f"{cost.cold:.2f} s", ratio, f"{cost.again:.3f} s", *numbers)
    console.print("\nall rules over tasks in memory, beside a loop over the same items that only counts owners")
    console.print(table)


def syncing(folder: Path, sizes: list[int], changes: list[int]) -> None:
    """Time syncs of which little has changed."""
    table = Table("items", "changed", "wall s", "CPU s", "reads", "writes", box=None)
    for cost in incremental.costs(folder, sizes, changes):
        changed = f"{cost.changed:,}" if cost.changed >= 0 else "first run"
        table.add_row(
            f"{cost.items:,}", changed, f"{cost.seconds:.1f}", f"{cost.cpu:.1f}", str(cost.reads), str(cost.writes)
        )
    console.print("\na sync, by how much has changed since the last; start-up included")
    console.print(table)


def flooded(folder: Path, deliveries: int, rounds: int) -> None:
    """Flood the receiver and the bare application by turns, and then the receiver for long."""
    table = Table("server", "deliveries/s", "µs CPU each", "p50 ms", "p99 ms", box=None)
    rates: dict[str, list[float]] = {"bare": [], "receiver": []}
    for cost in receiving.costs(folder, max(1000, deliveries // 40), rounds):
        rates[cost.name].append(cost.rate)
        table.add_row(cost.name, f"{cost.rate:,.0f}", f"{cost.cpu:.0f}", f"{cost.p50:.1f}", f"{cost.p99:.1f}")
    console.print("\ndeliveries accepted and committed, beside a bare Starlette app that commits the same row")
    console.print(table)
    ratios = [ours / bare for ours, bare in zip(rates["receiver"], rates["bare"], strict=True)]
    console.print(f"the receiver's rate is {median(ratios):.2f} of the bare one's, by the median of {rounds} rounds")
    table = Table("deliveries", "resident MB", "all accepted are stored", box=None)
    for grown in receiving.growth(folder, deliveries, deliveries // 10):
        table.add_row(f"{grown.deliveries:,}", f"{grown.resident:.0f}", "yes" if grown.kept else "no")
    console.print("\nthe receiver's memory")
    console.print(table)


def timing(folder: Path, edits: int) -> None:
    """Time edits from one tracker to the other."""
    table = Table("edits", "p50 ms", "p99 ms", "of their requests, p50", "p99", box=None)
    median_, last, of, worst = crossing.ratios(crossing.latencies(folder, edits, 50.0), 50.0)
    table.add_row(f"{edits:,}", f"{median_ * 1000:.0f}", f"{last * 1000:.0f}", f"{of:.2f}", f"{worst:.2f}")
    console.print("\nan edit in one tracker until it is written in the other, at 50 ms a request, idle before")
    console.print(table)


def attended(folder: Path, sizes: list[int]) -> None:
    """Time looks at one item, by how many pairs there are."""
    table = Table("pairs", "linked ms", "of fewest", "alone ms", "of fewest", box=None)
    costs = [asyncio.run(attending.cost(folder, size)) for size in sizes]
    for cost in costs:
        ratios = cost.linked / costs[0].linked, cost.alone / costs[0].alone
        table.add_row(f"{cost.pairs:,}", f"{cost.linked * 1000:.0f}", f"{ratios[0]:.1f} x",
                      f"{cost.alone * 1000:.0f}", f"{ratios[1]:.1f} x")  # fmt: skip
    console.print("\none look at an edited item, trackers in memory, the store a file")
    console.print(table)


def acted(folder: Path, issues: int) -> None:
    """Time jobs of the GitHub Action, by what its caches hold."""
    table = Table("cached", "seconds", "requests to github", "to jira", box=None)
    for cost in acting.costs(folder, issues, 50.0):
        table.add_row(cost.cached, f"{cost.seconds:.1f}", f"{cost.github:,}", f"{cost.jira:,}")
    console.print(f"\na plan by the GitHub Action over {issues:,} issues in each tracker, at 50 ms a request")
    console.print(table)


def main(  # noqa: PLR0917  # the options of a command line
    issues: Annotated[
        int, typer.Option(help="Issues in each tracker to read; 18285 is as many as Apache Arrow's.")
    ] = 3000,
    pairs: Annotated[int, typer.Option(help="Pairs the core decides.")] = 18_000,
    latency: Annotated[list[float] | None, typer.Option(help="Milliseconds a request; may be given again.")] = None,
    size: Annotated[list[int] | None, typer.Option(help="Pairs of an incremental run; may be given again.")] = None,
    tasks: Annotated[list[int] | None, typer.Option(help="Tasks to diagnose; may be given again.")] = None,
    deliveries: Annotated[int, typer.Option(help="Deliveries that come in one after another.")] = 200_000,
    actions: Annotated[int, typer.Option(help="Issues in each tracker that the GitHub Action reads.")] = 2000,
    only: Annotated[str, typer.Option(help="reading, core, rules, sync, look, latency, action or flood.")] = "",
) -> None:
    """Measure reading, deciding, diagnosing, an incremental run, and the receiver."""
    os.environ.update(TOKENS)
    # As the program does.
    gc.set_threshold(100_000, 50, 100)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        entry_points = folder / "metadata"
        entry_points.mkdir()
        if declared(entry_points) is not None:
            sys.path.append(str(entry_points))
        if only in {"", "core"}:
            deciding(folder, pairs)
        if only in {"", "rules"}:
            judging(folder, tasks or [10_000, 100_000], 100)
        if only in {"", "reading"}:
            reading(folder, issues, latency or [0.0, 50.0])
        if only in {"", "sync"}:
            syncing(folder, size or [1000, 3000], [0, 10, 100])
        if only in {"", "look"}:
            attended(folder, [1000, 20_000])
        if only in {"", "latency"}:
            timing(folder, 40)
        if only in {"", "action"}:
            acted(folder, actions)
        if only in {"", "flood"}:
            flooded(folder, deliveries, 7)


if __name__ == "__main__":
    typer.run(main)
