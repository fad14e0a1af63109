"""Any workflow: the shortest allowed way, nothing but what was planned, and a reason where no way leads."""

from __future__ import annotations

from hypothesis import HealthCheck, event, example, given, settings

from thorough import examples

from .any_workflow import Drawn, Hop, drawn, graph, move, opened, shortest, within_plan

QUIET = 3
"""Runs in a row that must plan nothing for it to be over."""


TO_AND_FRO = Drawn(
    stages=("idea", "build", "build", "done"),
    hops=(Hop((0, 2), 1), Hop((0, 1), 2), Hop((1,), 3, refused=True), Hop((2,), 3, refused=True)),
    start=0,
    goal="done",
    known="whole",
    rename=False,
    fills=False,
)
"""Two ways that end at a hop which may not be made, and lead from one to the other."""


ROUND_ABOUT = Drawn(
    stages=("verify", "release", "idea"),
    hops=(Hop((0,), 1, refused=True), Hop((0,), 2), Hop((2,), 1)),
    start=0,
    goal="release",
    known="by others",
    rename=False,
    fills=False,
)
"""The straight way is refused, and the other one, back and on again, is to be found out then."""


@example(case=TO_AND_FRO)
@example(case=ROUND_ABOUT)
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=drawn())
async def test_any_workflow(case: Drawn) -> None:
    async with opened(case) as world:
        assert not (await world.sync()).plan.changes, "both agree"
        if case.rename:
            world.jira.rename_status(case.names[-1], "Another name")
        move(world)
        expected = shortest(case, graph(case, told=True), case.start)

        first = await world.sync()

        if case.stages[case.start] != case.goal and case.known != "nothing":
            told = [len(way) - 1 for way in world.ways]
            assert told == ([] if expected is None else [expected]), f"planned {world.ways}, {first.plan.left_alone}"
        runs, quiet, last = 0, 0, first
        while quiet < QUIET:
            last = await world.sync()
            quiet = 0 if last.plan.changes else quiet + 1
            runs += 1
            assert runs < 3 * len(case.stages) + len(case.hops) + QUIET, f"never over: {world.ways[-6:]}"
        assert within_plan(world), f"walked {world.walked}, planned {world.ways}"
        arrived = case.stages[world.stands] == case.goal
        event(f"{case.known}: {'arrived' if arrived else 'not'} after {len(world.walked)} hops")
        if not arrived:
            why = [left.because for left in last.plan.left_alone if left.ref == world.ref]
            assert all(why), "no word why"
            assert why, "not even that it is left alone"
            if case.known != "nothing":
                way = shortest(case, graph(case, told=False), world.stands)
                assert way is None, f"{way} hops from {world.stands}, after {world.ways}, and yet {why}"
