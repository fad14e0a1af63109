"""The shortest way through a workflow, beside networkx."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackersync.core.model import Transition, Workflow
from trackersync.core.route import route

NAMES = tuple("ABCDEFGH")


def workflow(*lines: str) -> Workflow:
    """``To Do: Design, Build``: from a status to those it may become, in this order."""
    leaves: dict[str, tuple[Transition, ...]] = {}
    for line in lines:
        here, _, there = line.partition(": ")
        leaves[here] = tuple(Transition(f"{here}-{to}", f"To {to}", to) for to in there.split(", "))
    return Workflow(leaves)


LINE = workflow("To Do: Design", "Design: To Do, Build", "Build: Review, Done", "Review: Build, Done", "Done: To Do")


@pytest.mark.parametrize(
    ("here", "wanted", "barred", "expected"),
    [
        pytest.param("To Do", ["Design"], [], "Design", id="one hop"),
        pytest.param("To Do", ["Done"], [], "Design > Build > Done", id="three hops, and not four"),
        pytest.param("Build", ["Build"], [], "", id="there already"),
        pytest.param("to do", ["BUILD"], [], "Design > Build", id="statuses know no case"),
        pytest.param("Build", ["Done", "Review"], [], "Done", id="equally near: the first that is wanted"),
        pytest.param("Build", ["Review", "Done"], [], "Review", id="equally near: the first that is wanted, again"),
        pytest.param("Design", ["Done", "Build"], [], "Build", id="the nearer one, although it is wanted second"),
        pytest.param("Build", ["Design"], ["Done"], None, id="never through what is barred"),
        pytest.param("To Do", ["Done"], ["done"], "Design > Build > Done", id="but to it"),
        pytest.param("Done", ["Design"], ["Done"], "To Do > Design", id="and from it"),
        pytest.param("To Do", ["Nowhere"], [], None, id="no such status"),
        pytest.param("Nowhere", ["Done"], [], None, id="from no such status"),
        pytest.param("To Do", [], [], None, id="nothing wanted"),
    ],
)
def test_the_way(here: str, wanted: list[str], barred: list[str], expected: str | None) -> None:
    found = route(LINE, here, wanted, barred)
    assert (None if found is None else " > ".join(hop.to for hop in found)) == expected


def test_of_two_ways_equally_short_the_one_listed_first() -> None:
    drawn = workflow("A: C, B", "B: D", "C: D")
    assert [hop.id for hop in route(drawn, "A", ["D"]) or ()] == ["A-C", "C-D"]


@given(
    hops=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=24),
    here=st.sampled_from(NAMES),
    wanted=st.lists(st.sampled_from(NAMES), max_size=3),
    barred=st.sets(st.sampled_from(NAMES), max_size=3),
)
def test_it_is_as_short_as_networkx_finds_it(
    hops: list[tuple[str, str]], here: str, wanted: list[str], barred: set[str]
) -> None:
    leaves = {
        name: tuple(Transition(f"{at}", "", to) for at, (start, to) in enumerate(hops) if start == name)
        for name in NAMES
    }
    graph = nx.DiGraph([(start, to) for start, to in hops if start not in barred or start == here])
    graph.add_nodes_from(NAMES)
    lengths = {goal: nx.shortest_path_length(graph, here, goal) for goal in wanted if nx.has_path(graph, here, goal)}
    found = route(Workflow(leaves), here, wanted, barred)
    if not lengths:
        assert found is None
        return
    assert found is not None
    assert len(found) == min(lengths.values())
    statuses = [here, *(hop.to for hop in found)]
    assert all(hop in leaves[status] for status, hop in zip(statuses, found, strict=False))
    assert not barred.intersection(statuses[1:-1])
    assert statuses[-1] == next(goal for goal in wanted if lengths.get(goal) == len(found))
