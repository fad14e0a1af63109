"""Renamed values: what is remembered of items is brought under the new names, all at once and only where it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trackersync.connector import Page
from trackersync.core.model import STAGE, Item, Named, Transition
from trackersync.core.naming import Known
from trackersync.store import Store

from .values import NOON, item, ref

A, B = Named("status", "3", "In Progress", ("SHOP",)), Named("status", "5", "In Review", ("SHOP",))
BUILDING = replace(A, name="Building")


def jira(number: int, status: str, container: str = "SHOP") -> Item:
    return replace(
        item(number, 1), ref=ref(number, "jira"), key=f"{container}-{number}", container=container,
        facts={"status": (status,), "labels": (status,)},
    )  # fmt: skip


def lived(store: Store) -> None:
    store.put_names("jira", [A, B])
    for number, status, container in ((1, "In Progress", "SHOP"), (2, "In Review", "SHOP"), (3, "In Progress", "PAY")):
        found = jira(number, status, container)
        store.put_item(found)
        store.put_bases({(found.ref, STAGE): ({"status": (status,)},)})
    hops = (Transition("1", "On", "In Review"), Transition("2", "Off", "Done"))
    for scope in ("SHOP + Task", "PAY + Task"):
        store.put_workflow("jira", scope, {"In Progress": hops, "In Review": ()}, NOON)


def shown(store: Store) -> dict[int, str]:
    return {int(one.ref.id): one.facts["status"][0] for one in store.items("jira")}


def test_items_bases_and_workflows_go_on_under_the_new_name(store: Store) -> None:
    lived(store)
    assert store.put_names("jira", [BUILDING])
    assert not store.put_names("jira", [BUILDING])
    assert shown(store) == {1: "Building", 2: "In Review", 3: "In Progress"}
    assert store.item(ref(1, "jira")).facts["labels"] == ("In Progress",), "a label is no status"
    assert store.bases()[ref(1, "jira"), STAGE] == ({"status": ("Building",)},)
    assert store.bases()[ref(3, "jira"), STAGE] == ({"status": ("In Progress",)},)
    found, _ = store.workflows("jira", since=NOON - timedelta(days=1))
    assert found["SHOP + Task"].keys() == {"Building", "In Review"}
    assert found["PAY + Task"].keys() == {"In Progress", "In Review"}
    assert store.names("jira") == (Known(BUILDING, ("In Progress",)), Known(B))


def test_two_that_change_names_are_renamed_at_once(store: Store) -> None:
    lived(store)
    store.put_names("jira", [replace(A, name="In Review"), replace(B, name="In Progress")])
    assert shown(store) == {1: "In Review", 2: "In Progress", 3: "In Progress"}
    found, _ = store.workflows("jira", since=NOON - timedelta(days=1))
    assert {here: [hop.to for hop in hops] for here, hops in found["SHOP + Task"].items()} == {
        "In Review": ["In Progress", "Done"], "In Progress": [],
    }  # fmt: skip


def test_a_page_that_shows_the_new_name_is_no_news(store: Store) -> None:
    lived(store)
    store.put_names("jira", [BUILDING])
    scan = store.begin_scan("jira", "SHOP", NOON)
    renewed = replace(store.item(ref(1, "jira")))
    written = store.put_page("jira", Page((renewed,), container="SHOP"), scan=scan)
    assert (written.changed, written.same) == (0, 1)
    assert store.moves([renewed.ref]) == ()
