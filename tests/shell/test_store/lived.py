"""A store that has lived: rows in every table, filled by whatever trackersync is at hand, and what it tells.

Before the schema gets a new revision, keep a store of the present one as SQL text, in the checkout::

    PYTHONPATH=tests/shell python -m test_store.lived > tests/shell/test_store/versions/NNNN.sql

``test_store_versions`` then opens it with every later program. ``fill`` takes the revision it fills for: a store filled
today for an older one tells what that one must tell once it was brought up to date.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from trackersync.connector import Page
from trackersync.core.model import Absence, Account, Conflict, Outcome, Overruled, Receipt, Side
from trackersync.store import Claim, Rejection, Store, open_store, task_id
from trackersync.store.schema import HEAD

from .values import BUILD, IDEA, NOON, SHOP, VERIFY, at, change, item, label, ref

A, J, LATER = ref(17), ref(42, "jira"), ref(43, "jira")
TASK = task_id((A, J))
SIDES = (Side(J, "SHOP-42", "alan-t"), Side(A, "acme/shop#17", "grace-h"))
OWNERS = Conflict(TASK, "owners", SIDES, "both had moved")
REFS = (A, J, ref(18), ref(19), ref(20))


def fill(store: Store, revision: str) -> None:
    """Live through what a store of this revision can remember."""
    _first(store)
    if revision >= "0002":
        _trust(store)
    if revision >= "0003":
        _history(store)
    if revision >= "0004":
        _workflows(store)
    if revision >= "0005":
        _findings(store)
    if revision >= "0006":
        _service(store)


def _workflows(store: Store) -> None:
    from trackersync.core.model import Named, Transition  # noqa: PLC0415 - older programs know none of it

    store.put_workflow("jira", "SHOP + Task", {"To Do": (Transition("21", "Begin", "Building"),)}, NOON)
    store.put_names("jira", [Named("status", "3", "In Progress", ("SHOP",))])
    store.put_names("jira", [Named("status", "3", "Building", ("OPS",))])


def _findings(store: Store) -> None:
    from trackersync.core.checked import Noted  # noqa: PLC0415 - older programs know none of it
    from trackersync.core.model import Severity  # noqa: PLC0415

    found = Noted("no-owner", ("jira/42", "github/17"), ("SHOP-42", "shop#17"), "", Severity.ERROR, "nobody", at(3))
    vacant = Noted("role-vacant", (), (), "stage launch", Severity.WARNING, "nobody holds marketing", at(4))
    store.put_findings([found, vacant], at(40))


def _service(store: Store) -> None:
    # Older programs know none of it.
    from trackersync.store import Ask, Kept, Received, Sorted, Subject, note_missed  # noqa: PLC0415
    from trackersync.store.rows import micros  # noqa: PLC0415
    from trackersync.store.schema import mention  # noqa: PLC0415

    headers = {"x-github-event": "issues"}
    store.receive(
        [Received("github", f"72d3-{n}", at(50 + n), headers, b'{"action": "labeled", "\xff": 0}') for n in range(4)]
    )
    seen, shut = Subject("github", "item", "17"), Subject("jira", "item", "42")
    store.sort([Sorted(1, (Ask(seen),)), Sorted(2, (Ask(seen), Ask(shut))), Sorted(3, (), "no JSON")], at(55))
    due = store.due_look(shut)
    assert due is not None
    store.put_off(due, "held", "12 changes are more than 10", at(56))
    store.owe([Ask(Subject("jira", "news", "OPS"), "OPS")], at(57))
    with store.write() as connection:
        note_missed(connection, [ref(18)], micros(at(58)))
        connection.execute(mention.insert().values(tracker="github", item="18", word="SHOP-43"))
    store.reflected("github", at(58), timely=True)
    store.reflected("github", at(59), timely=False)
    store.remember("decided", "f2")
    store.await_job("sync", at(0))
    store.claim_job(Kept("sync", at(0), None, None, "", ""), at(60), at(61), "process 4711 on build-3")


def _first(store: Store) -> None:
    scan = store.begin_scan("github", SHOP, NOON)
    accounts = (
        Account("github", "ada-l", "Ada", "ada@acme.example", True, True),
        Account("github", "ci", "ci", human=False),
    )
    items = tuple(item(n, n) for n in (17, 18, 19, 20))
    store.put_page("github", Page(items[:2], accounts, container=SHOP, cursor="c1"), scan=scan)
    store.put_page("github", Page(items[2:], container=SHOP, cursor="c2", complete=True), scan=scan)
    jira = replace(item(42, 9, tracker="jira", container="SHOP"), key="SHOP-42", title="Gift cards: 100 € — “rejected”")
    under_way = store.begin_scan("jira", "SHOP", at(9))
    store.put_page("jira", Page((jira,), container="SHOP", cursor="j1"), scan=under_way)
    store.mark_missing(ref(19), Absence.HIDDEN)
    store.mark_missing(ref(20), Absence.GONE)
    store.put_links(
        [Claim(TASK, (A, J), "key in the title"), Claim(task_id((ref(18),)), (ref(18),), "told by a person")]
    )
    store.put_last_open({TASK: "build", "github:18": "idea"})
    store.put_bases(
        {(A, "stage"): [IDEA], (J, "stage"): [{"status": ("To Do",)}], (ref(18), "owners"): [{"owners": ()}]}
    )
    run = store.begin_run("sync", "f1", "7c1e44b9", at(10))
    done = store.intend(run, change(17), [IDEA, BUILD], at(11))
    store.settle(done, Receipt(Outcome.APPLIED), [BUILD], items[0], at(12))
    refused = store.intend(run, change(18), [IDEA, BUILD], at(13))
    store.settle(refused, Receipt(Outcome.REJECTED, "the label is locked"), None, None, at(14))
    store.put_rejection(ref(18), "stage", Rejection("k1", "the label is locked", at(14)))
    store.put_conflicts(run, [OWNERS, replace(OWNERS, field="stage")], at(15))
    store.put_overruled(run, [Overruled(TASK, A, "acme/shop#17", "owners", "grace-h", "jira")], at(15))
    store.end_run(
        run, {"outcomes": {"applied": 1, "rejected": 1}, "requests": {"github": {"read": 2, "write": 2}}}, at(16)
    )
    killed = store.begin_run("apply", "f2", "20d97e1a", at(20), approved=True)
    lost = store.intend(killed, change(18, before=BUILD, after=VERIFY), [BUILD, VERIFY], at(21))
    store.settle(lost, Receipt(Outcome.IN_DOUBT, "no answer"), None, None, at(22))
    store.intend(killed, replace(change(17), field="owners", fact="owners"), [label("x")], at(23))
    store.put_conflicts(killed, [OWNERS], at(24))
    store.approve("f1", "yes", at(10))


def _trust(store: Store) -> None:
    from trackersync.core.told import Pause, Settlement, TakenBack  # noqa: PLC0415 - older programs know none of it

    scan = store.begin_scan("github", SHOP, at(30))
    moved = item(18, 31, says="stage: build")
    store.put_page("github", Page((moved,), container=SHOP, cursor="c3"), scan=scan)
    store.put_links([Claim("jira:43", (LATER,), "remote link")], at(32))
    run = store.begin_run("sync", "f2", "", at(33), place="process 4711 on build-3")
    store.plan_run(run, "44a0c1de", [change(18)], approved=True)
    store.put_settlements([Settlement(TASK, "owners", J, {"owners": ("alan-t",)}, at(34))], {})
    store.put_taken_back([TakenBack(TASK, "stage", ((A, IDEA), (J, {"status": ("To Do",)})), run)])
    store.put_pause(Pause("tracker", "jira", at(35), "release freeze"))
    store.put_pause(Pause("task", TASK, at(35), "", at(36)))
    store.put_apart(ref(18), [LATER], at(37))


def _history(store: Store) -> None:
    from trackersync.core.model import Event  # noqa: PLC0415 - older programs know none of it

    events = (
        Event("9-labels", at(2), "ada-l", "labels", ("stage: idea",)),
        Event("10-labels", at(2), "", "labels", ("stage: build",), ("stage: idea",)),
    )
    store.put_history(ref(18), events, upto=at(31), at=at(38), owed=store.owed_histories("github")[ref(18)])
    store.owe_histories([J])


def told(store: Store) -> dict[str, object]:
    """All that a store tells, by question."""
    trackers = ("github", "jira")
    return {
        "items": list(store.items()),
        "every item": [store.item(ref) for ref in REFS],
        "by key": store.by_key("shop-42"),
        "missing": store.missing(),
        "accounts": store.accounts(),
        "cursors": [store.cursors(tracker) for tracker in trackers],
        "complete": [store.complete(tracker) for tracker in trackers],
        "counts": [store.counts(tracker) for tracker in trackers],
        "freshness": [store.freshness(tracker) for tracker in trackers],
        "absent": [store.absent("github", SHOP), store.absent("jira", "SHOP")],
        "links": store.links(),
        "reasons": [store.reasons(task) for task in sorted(set(store.links().values()))],
        "links made": [store.links_made(task) for task in sorted(set(store.links().values()))],
        "last open": store.last_open(),
        "bases": store.bases(),
        "last check": store.last_check(),
        "runs": store.runs(),
        "planned": [store.planned(run.id) for run in store.runs()],
        "journal": store.journal(),
        "not approved": store.journal(approved=False),
        "in doubt": store.in_doubt(),
        "conflicts": store.conflicts(),
        "settled": store.conflicts(settled_since=NOON - timedelta(days=1)),
        "overruled": store.overruled(),
        "rejections": store.rejections(),
        "approved": [store.approved(name) for name in ("f1", "f2")],
        "moves": store.moves(REFS),
        "histories": store.histories(REFS),
        "histories owed": [list(store.owed_histories(tracker)) for tracker in trackers],
        "workflows": [store.workflows(tracker, since=NOON) for tracker in trackers],
        "names": [store.names(tracker) for tracker in trackers],
        "settlements": store.settlements(),
        "taken back": store.taken_back(),
        "pauses": store.pauses(),
        "apart": store.apart(),
        "deliveries": [store.unsorted(), store.deliveries_aside(), store.deliveries(done=True)],
        "due": [store.due(at(100), 10), store.not_due("held"), store.not_due("aside")],
        "missed": store.missed(NOON),
        "reflected": store.timeliness(NOON),
        "jobs": store.kept(),
        "remembered": store.remembered("decided"),
        "rows": store.stats().rows,
    }


def main() -> None:
    """Fill a store, and print it as SQL."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lived.db"
        with open_store(str(file)) as store:
            fill(store, HEAD)
        with closing(sqlite3.connect(file)) as connection:
            sys.stdout.write("\n".join([*connection.iterdump(), ""]))


if __name__ == "__main__":
    main()
