"""Workflows as they get known: what is newer counts, and what one item was refused holds for it as long as it must."""

from __future__ import annotations

import pytest
from world import JIRA, ji

from trackersync.core.model import BarredHop, Transition, Workflow
from trackersync.core.workflows import merged, needs_of, offered, restrained, scope_of, seen_as

GO, WAIT = Transition("1", "Go", "Done"), Transition("2", "Wait", "Waiting", ("cause",))


def test_what_was_seen_last_counts_whatever_the_case() -> None:
    known = merged({"To Do": (WAIT,), "Done": ()}, Workflow({"TO DO": (GO,)}, frozenset({"cause"})))
    assert known.leaves == {"Done": (), "TO DO": (GO,)}
    assert known.held == {"cause"}
    assert offered(known, "to do") == (GO,)
    assert offered(known, "Waiting") is None, "not known is not nothing"
    twice = merged({"to do": (WAIT,), "TO DO": (WAIT,)}, Workflow({"To Do": (GO,)}))
    assert offered(twice, "to do") == (GO,), "nothing that is older is left, however it was written"
    assert needs_of({"To Do": (GO, WAIT)}) == {"cause"}


@pytest.mark.parametrize(
    ("here", "refused_at", "seen", "barred"),
    [
        pytest.param("To Do", "To Do", seen_as((GO,)), True, id="where it stands nothing has changed"),
        pytest.param("to do", "To Do", seen_as((GO,)), True, id="whatever the case"),
        pytest.param("To Do", "To Do", seen_as((GO, WAIT)), False, id="it is offered something else there now"),
        pytest.param("Waiting", "To Do", seen_as((GO, WAIT)), True, id="elsewhere it is not asked what it is offered"),
    ],
)
def test_how_long_a_refusal_holds(here: str, refused_at: str, seen: str, barred: bool) -> None:
    hop = BarredHop(refused_at, "Done", "a condition forbids it", seen)
    shown = Workflow({"To Do": (GO,), "Waiting": (GO,)})
    assert restrained(shown, here, [hop]).barred == ((hop,) if barred else ())


def test_what_is_offered_is_named_by_all_that_matters() -> None:
    assert seen_as((GO, WAIT)) == seen_as((WAIT, GO))
    others = [(GO,), (Transition("1", "Another name", "Done"),), (Transition("1", "Go", "Done", ("cause",)),)]
    assert len({seen_as(hops) for hops in others}) == 2, "a name alone is no other way"
    assert seen_as(()) != seen_as((GO,))


def test_items_alike_in_what_the_vocabulary_names_share_a_workflow() -> None:
    assert scope_of(ji("To Do"), JIRA) == ""
    assert JIRA.workflows == ()
