"""What is learned of a workflow from one issue is of use to the next one."""

from __future__ import annotations

from trackersync.pipeline import Order, run_once

from .any_workflow import CAUSE, Drawn, Hop, move, opened

TAKES_A_CAUSE = Drawn(
    stages=("idea", "build", "done"),
    hops=(Hop((0,), 1), Hop((1,), 2, needs=(CAUSE,))),
    start=0,
    goal="done",
    known="whole",
    rename=False,
    fills=False,
)


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

        world.session.clock.advance(60)  # type: ignore[attr-defined]  # a test's clock
        world.github.put(twin, {"labels": (), "state": ("closed",), "reason": ("completed",)}, "ada-l")
        outcome = await run_once(world.session, Order("sync"))

    assert world.jira.issue(second.key).status == "Status 0"
    (why,) = (left.because for left in outcome.plan.left_alone if left.key == second.key)
    assert why == (
        f'transition "To Status 0" from "Status 1" to "Status 2" requires Root cause ({CAUSE}), '
        "which nobody has configured: say what to fill in there, or fill it in at the item"
    )
