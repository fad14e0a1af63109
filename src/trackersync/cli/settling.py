"""The commands by which a person decides: settle a conflict, take a run back, link, unlink, pause and resume."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import Exit, exit_of
from trackersync.cli.options import Approve, Config, Every, Form, FormatName, Quiet, Store, Verbose
from trackersync.cli.running import Common, configured, containers, emit, troubles, waiting, walk
from trackersync.report.text.screen import Screen

if TYPE_CHECKING:
    from trackersync.core.outcome import Outcome
    from trackersync.core.terms import Terms
    from trackersync.pipeline import Order
    from trackersync.pipeline.recall import Recalled
    from trackersync.pipeline.told import Said


class FieldChoice(StrEnum):
    """What is kept in step across trackers."""

    stage = "stage"
    owners = "owners"


LAST = 2**63 - 1
"""No database counts further."""

Key = Annotated[str, typer.Argument(metavar="TASK", help="Any key of the task: SHOP-42, shop#17, acme/shop#17.")]
YesToIt = Annotated[bool, typer.Option("--yes", help="Write without asking; lifts no limit.")]


def resolve(
    task: Annotated[
        str | None,
        typer.Argument(metavar="TASK", help="Any key of the task; without one, every conflict of that field."),
    ] = None,
    take: Annotated[str, typer.Option(metavar="TRACKER", help="Whose word is taken.", show_default=False)] = "",
    field: Annotated[FieldChoice | None, typer.Option(help="Only this field.")] = None,
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    yes: YesToIt = False,
    approve: Approve = None,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Settle a conflict in favour of one tracker: shows what that would write, asks, and writes it.

    Example: trackersync resolve SHOP-42 --take jira. All alike: trackersync resolve --field owners --take jira
    """
    common = Common(config, store, form.value, every, quiet, verbose)
    with troubles(common.format):
        from trackersync.errors import ConfigError
        from trackersync.pipeline import Order, Take

        if not take:
            raise ConfigError("whose word is to be taken?", next_step="trackersync resolve TASK --take TRACKER")
        if task is None and field is None:
            raise ConfigError(
                "which conflict is meant?",
                next_step="name a task (trackersync conflicts lists them), or all of one field: --field owners",
            )
        order = Order(
            "resolve", yes=yes, approve=approve, take=Take(take, None if field is None else field.value, task)
        )
        raise typer.Exit(_asked(common, order))


def undo(
    run: Annotated[int, typer.Argument(min=1, max=LAST, help="The run to take back; `trackersync runs` lists them.")],
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    yes: YesToIt = False,
    approve: Approve = None,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Take a run back: what it wrote and nobody has touched since; names what cannot be restored, and why.

    Shows the way back first and asks. Example: trackersync undo 2
    """
    common = Common(config, store, form.value, every, quiet, verbose)
    with troubles(common.format):
        from trackersync.pipeline import Order

        raise typer.Exit(_asked(common, Order("undo", yes=yes, approve=approve, undo=run)))


def link(task: Key, other: Key, config: Config = None, store: Store = None, form: Form = FormatName.text) -> None:
    """Say that two items are the same work, whatever their texts say. Sends nothing.

    Example: trackersync link SHOP-42 shop#17
    """

    def say(recalled: Recalled) -> Said:
        from trackersync.pipeline import told

        return told.link(recalled, task, other)

    _told("link", Common(config, store, form.value), say)


def unlink(task: Key, config: Config = None, store: Store = None, form: Form = FormatName.text) -> None:
    """Say that an item is not the work its task says; no text links it again. Sends nothing.

    Example: trackersync unlink shop#17
    """

    def say(recalled: Recalled) -> Said:
        from trackersync.pipeline import told

        return told.unlink(recalled, task)

    _told("unlink", Common(config, store, form.value), say)


def pause(
    name: Annotated[str, typer.Argument(metavar="TASK|TRACKER", help="A task by any of its keys, or a tracker.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it later.")] = "",
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
) -> None:
    """Keep hands off a task or a whole tracker: it is read as ever, and not written. Sends nothing.

    Example: trackersync pause SHOP-42 --reason "release freeze"
    """

    def say(recalled: Recalled) -> Said:
        from trackersync.pipeline import told

        return told.pause(recalled, name, reason)

    _told("pause", Common(config, store, form.value), say)


def resume(
    name: Annotated[str, typer.Argument(metavar="TASK|TRACKER", help="A task by any of its keys, or a tracker.")],
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
) -> None:
    """Go on with what was paused; of a task also with what was refused, undone by others or taken back. Sends nothing.

    Example: trackersync resume SHOP-42
    """

    def say(recalled: Recalled) -> Said:
        from trackersync.pipeline import told

        return told.resume(recalled, name)

    _told("resume", Common(config, store, form.value), say)


def _told(name: str, common: Common, say: Callable[[Recalled], Said]) -> None:
    """Open the store, let a person say something, and tell what holds from now on."""
    with troubles(common.format):
        from trackersync.pipeline.recall import recalled

        # What was read while one waited may not be so any more, so the turn comes first.
        with recalled(configured(common), turn=name, waiting=waiting) as found:
            said = say(found)
        if common.format == "json":
            emit({"done": said.done, "sentence": said.sentence})
        else:
            Screen.on(sys.stdout).say(said.sentence)
        raise typer.Exit(Exit.FINE)


# A plan that is shown first.


def _asked(common: Common, order: Order) -> Exit:
    """Show the plan, ask where somebody is there to answer, and write it; with ``--yes`` or ``--approve`` at once."""
    configuration = configured(common)
    if not order.yes and order.approve is None:
        outcome, terms = walk(common, configuration, replace(order, dry=True))
        found = outcome.plan
        if found is None or not found.changes or common.format == "json" or not _answers():
            return _shown(common, order, outcome, terms)
        _plan(common, outcome, terms)
        Screen.on(sys.stdout).blank()
        if not typer.confirm("Write it?", default=False):
            Screen.on(sys.stdout).say("Nothing was written.")
            return exit_of(outcome, wrote=False)
        order = replace(order, approve=found.digest)
    outcome, terms = walk(common, configuration, order)
    return _written(common, order, outcome, terms)


def _answers() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _plan(common: Common, outcome: Outcome, terms: Terms) -> None:
    from trackersync.report.text.plan import plan_screen

    plan_screen(Screen.on(sys.stdout), outcome, terms, containers(configured(common)), every=common.every)


def _shown(common: Common, order: Order, outcome: Outcome, terms: Terms) -> Exit:
    """The plan of an order that nobody has answered for: refused where there is something to write."""
    from trackersync.report.record import planned_record

    changes = outcome.plan.changes if outcome.plan else ()
    if common.format == "json":
        emit(planned_record(outcome, terms))
    else:
        _plan(common, outcome, terms)
        if changes and outcome.plan is not None:
            screen = Screen.on(sys.stdout)
            screen.blank()
            screen.say("Nothing was written: there is nobody here to ask.")
            screen.next((f"{_command(common, order)} --approve {outcome.plan.digest}", "write exactly this"))
    return exit_of(outcome, wrote=bool(changes), refused=bool(changes))


def _written(common: Common, order: Order, outcome: Outcome, terms: Terms) -> Exit:
    from trackersync.report.record import written_record
    from trackersync.report.text.sync import interrupted, sync_screen

    other = not outcome.written and outcome.plan is not None and order.approve not in (None, outcome.plan.digest)
    if common.format == "json":
        emit(written_record(outcome, terms))
    elif not common.quiet or outcome.failures or not outcome.written:
        screen = Screen.on(sys.stdout)
        sync_screen(screen, outcome, terms, containers(configured(common)), every=common.every)
        if outcome.interrupted:
            interrupted(screen, outcome, terms)
        if other and outcome.plan is not None:
            screen.blank()
            screen.say(
                f"Refused: {order.approve} was approved, the plan is {outcome.plan.digest} now. Nothing was written."
            )
        if not outcome.written and outcome.plan is not None and outcome.plan.changes:
            screen.next((f"{_command(common, order)} --approve {outcome.plan.digest}", "this plan and no other"))
    return exit_of(outcome, wrote=True, refused=other)


def _command(common: Common, order: Order) -> str:
    """The command as it was typed, to be pasted with an approval behind it."""
    words = ["trackersync", order.command]
    if order.undo is not None:
        words.append(str(order.undo))
    if order.take is not None:
        words += [order.take.key] if order.take.key else []
        words += ["--field", order.take.field] if order.take.field else []
        words += ["--take", order.take.tracker]
    words += ["--config", str(common.config)] if common.config else []
    words += ["--store", common.store] if common.store else []
    return shlex.join(words)
