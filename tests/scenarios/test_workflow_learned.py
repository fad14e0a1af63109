"""What is learned of a workflow from one issue is of use to the next one."""

from __future__ import annotations

from dataclasses import replace

from trackersync.pipeline import Order, run_once
from trackersync.sandbox import answer

from .any_workflow import CAUSE, Drawn, Hop, _workflow, move, opened

TAKES_A_CAUSE = Drawn(
    stages=("idea", "build", "done"),
    hops=(Hop((0,), 1), Hop((1,), 2, needs=(CAUSE,))),
    start=0,
    goal="done",
    known="whole",
    rename=False,
    fills=False,
)
DONE = {"labels": (), "state": ("closed",), "reason": ("completed",)}


async def test_no_second_issue_is_walked_into_what_stopped_the_first() -> None:
    """How a workflow is drawn does not tell what its screens ask for; an issue that stood there does."""
    async with opened(TAKES_A_CAUSE) as world:
        second = world.jira.create("Vouchers", status="Status 0")
        twin = world.github.create(f"{second.key} vouchers")
        world.github.put(twin, {"labels": ("stage: idea",)}, "ada-l")
        await world.sync()
        move(world)
        await world.sync()
        assert world.jira.issue(world.key).status == "Status 1", "half the way: only there it shows what is asked for"

        world.restart()
        world.session.clock.advance(60)  # type: ignore[attr-defined]  # a test's clock
        world.github.put(twin, DONE, "ada-l")
        outcome = await run_once(world.session, Order("sync", only=second.key))

    assert world.jira.issue(second.key).status == "Status 0"
    (why,) = (left.because for left in outcome.plan.left_alone if left.key == second.key)
    assert why == (
        f'transition "To Status 0" from "Status 1" to "Status 2" requires Root cause ({CAUSE}), '
        "which nobody has configured: say what to fill in there, or fill it in at the item"
    )


async def test_an_issue_of_which_nothing_may_be_asked_stops_no_other() -> None:
    async with opened(replace(TAKES_A_CAUSE, hops=(Hop((0,), 1), Hop((1,), 2)))) as world:
        second = world.jira.create("Vouchers", status="Status 0")
        twin = world.github.create(f"{second.key} vouchers")
        world.github.put(twin, {"labels": ("stage: idea",)}, "ada-l")
        await world.sync()
        move(world)
        world.github.put(twin, DONE, "ada-l")
        world.jira.faults.add(answer(403), path=f"/issue/{world.ref.id}/transitions", times=9)
        outcome = await world.sync()

    assert (world.jira.issue(world.key).status, world.jira.issue(second.key).status) == ("Status 0", "Status 2")
    assert outcome.failures == ()
    assert [left.key for left in outcome.plan.left_alone] == [world.key]


async def test_what_was_learned_is_asked_again_after_a_day() -> None:
    """Administrators redraw workflows; for a day what is known of one is believed, then other issues show it anew."""
    line = replace(
        TAKES_A_CAUSE,
        stages=("idea", "design", "build", "done"),
        hops=(Hop((0,), 1), Hop((1,), 2), Hop((2,), 3)),
        known="by others",
    )
    async with opened(line) as world:
        twins = []
        for name in ("Vouchers", "Refunds"):
            issue = world.jira.create(name, status="Status 0")
            twin = world.github.create(f"{issue.key} {name}")
            world.github.put(twin, {"labels": ("stage: idea",)}, "ada-l")
            twins.append((issue.key, twin))
        await world.sync()
        move(world)
        await world.sync()
        assert world.jira.issue(world.key).status == "Status 3"
        world.jira.workflows["SHOP"] = _workflow(replace(line, hops=(Hop((0,), 1), Hop((1,), 3))))

        taken = []
        for hours, (key, twin) in zip((1, 25), twins, strict=True):
            world.restart()
            world.session.clock.advance(hours * 3600)  # type: ignore[attr-defined]  # a test's clock
            world.github.put(twin, DONE, "ada-l")
            changes = (await run_once(world.session, Order("plan"))).plan.changes
            taken.append(next(change.path for change in changes if change.key == key))
    assert taken == [("Status 1", "Status 2"), ("Status 1",)]


async def test_a_person_who_takes_half_a_walk_back_has_moved_it() -> None:
    """Where the issue set out from is base's no more once it was seen on its way: going back there is an edit."""
    back = replace(TAKES_A_CAUSE, hops=(Hop((0,), 1), Hop((1,), 2, refused=True), Hop((1,), 0)))
    async with opened(back) as world:
        await world.sync()
        move(world)
        await world.sync()
        assert world.jira.issue(world.key).status == "Status 1"
        world.jira.edit(world.key, status="Status 0", by="ada-l")
        outcome = await world.sync()
        assert [conflict.field for conflict in outcome.plan.conflicts] == ["stage"], "both moved: yours to settle"
        await world.sync()

    assert world.jira.issue(world.key).status == "Status 0"
    assert world.walked == [("Status 0", "Status 1")]
