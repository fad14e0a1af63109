"""Workflows as they get known, and names that change, in the store."""

from __future__ import annotations

from datetime import timedelta

from trackersync.core.model import BarredHop, Named, Transition
from trackersync.store import Known, Rejection, Store

from .values import NOON, at, ref

BEGIN, FINISH = Transition("21", "Begin", "Building"), Transition("31", "Finish", "Done", ("resolution",))


def test_what_a_status_leads_to_is_what_was_seen_last(store: Store) -> None:
    store.put_workflow("jira", "SHOP + Task", {"To Do": (BEGIN,), "Building": (BEGIN,)}, NOON)
    store.put_workflow("jira", "SHOP + Bug", {"To Do": ()}, NOON)
    store.put_workflow("jira", "SHOP + Task", {"Building": (FINISH,)}, at(60))
    store.put_workflow("other", "SHOP + Task", {"To Do": (FINISH,)}, at(60))

    known, fresh = store.workflows("jira", since=at(60))

    assert known == {"SHOP + Task": {"To Do": (BEGIN,), "Building": (FINISH,)}, "SHOP + Bug": {"To Do": ()}}
    assert fresh == {"SHOP + Task": {"building"}}
    assert store.workflows("jira", since=NOON - timedelta(days=1))[1] == {
        "SHOP + Task": {"to do", "building"},
        "SHOP + Bug": {"to do"},
    }


def test_a_renamed_value_keeps_its_former_names(store: Store) -> None:
    assert store.put_names("jira", [Named("status", "3", "In Progress", ("SHOP",)), Named("status", "1", "Open")])
    assert not store.put_names("jira", [Named("status", "3", "In Progress", ("SHOP",))]), "nothing is new"
    assert store.put_names("jira", [Named("status", "3", "Building", ("OPS",))])
    assert store.names("jira") == (
        Known(Named("status", "1", "Open")),
        Known(Named("status", "3", "Building", ("SHOP", "OPS")), ("In Progress",)),
    )
    assert store.put_names("jira", [Named("status", "3", "In Progress", ("OPS",))]), "called as before again"
    assert store.names("jira")[1].former == ("Building",)
    assert store.names("github") == ()


def test_a_refusal_remembers_the_hops_that_were_refused(store: Store) -> None:
    hops = (BarredHop("Building", "Done", "a field is required", "ab12"), BarredHop("To Do", "Done", "no", ""))
    refusal = Rejection("k1", "a field is required", NOON, hops, "state")
    store.put_rejection(ref(17), "stage", refusal)
    assert store.rejections() == {(ref(17), "stage"): refusal}
