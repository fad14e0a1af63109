"""A program that works on a store until it is killed: run as ``python -m test_store.story STORE PART``.

``run`` is a whole life, page after page and write after write; ``share N`` is one of several at work on one store;
``open`` only opens it; ``hold`` has a run's turn on it until its input ends. ``steps`` lives through two pages again
and again, each time in a new store called ``STORE.N`` and killed before its Nth commit, until one life is over.
"""

from __future__ import annotations

import os
import signal
import sys

from sqlalchemy import Engine, event

from trackersync.connector import Page
from trackersync.core.model import Outcome, Receipt
from trackersync.store import Claim, Store, here, open_store, task_id

from .values import BUILD, IDEA, NOON, SHOP, at, change, item, ref

PAGE = 10
PAGES = 30
SHARED = 40


def run(store: Store, pages: int = PAGES) -> None:
    """Read page after page; of each page link one item and write its stage."""
    for page in range(pages):
        scan = store.begin_scan("github", SHOP, NOON)
        print(page, flush=True)
        items = tuple(item(page * PAGE + n, page) for n in range(PAGE))
        last = page == pages - 1
        store.put_page("github", Page(items, container=SHOP, cursor=str(page), complete=last), scan=scan)
        refs = (ref(page * PAGE), ref(page * PAGE, "jira"))
        store.put_links([Claim(task_id(refs), refs, "key in the title")])
        number = store.intend(store.begin_run("sync", "f", "d", NOON), change(page * PAGE), [IDEA, BUILD], NOON)
        shown = item(page * PAGE, page + 1, says="stage: build")
        store.settle(number, Receipt(Outcome.APPLIED), [BUILD], shown, NOON)


def share(store: Store, worker: int) -> None:
    """Put items of one's own and items that all put, and claim one jira item for as many github items as there are."""
    for n in range(SHARED):
        scan = store.begin_scan("github", SHOP, NOON)
        own = item(f"{worker}-{n}")
        store.put_page("github", Page((own, item(f"all-{n}", worker)), container=SHOP), scan=scan)
        refs = (own.ref, ref(n, "jira"))
        store.put_links([Claim(task_id(refs), refs, "key in the title")])
        number = store.intend(store.begin_run("sync", "f", "d", NOON), change(own.ref.id), [IDEA, BUILD], at(n))
        store.settle(number, Receipt(Outcome.APPLIED), [BUILD], None, at(n))


def hold(store: Store) -> None:
    """Begin a run in its turn, say so, and end it when told to."""
    with store.turn("sync", wait=60, waiting=lambda sentence: print(sentence, flush=True)):
        number = store.begin_run("sync", "f", "d", NOON, place=here())
        print(f"in {number}", flush=True)
        sys.stdin.read()
        store.end_run(number, {}, NOON)


def steps(url: str) -> None:
    """Be killed before the first commit, the second, and so on; say how many lives that took."""
    number, status = 0, signal.SIGKILL.value
    while status == signal.SIGKILL:
        if os.fork() == 0:
            live(f"{url}.{number}", number)
            os._exit(0)
        _, status = os.wait()
        number += 1
    sys.exit(f"a life ended with {status}" if status else 0)


def live(url: str, commits: int) -> None:
    left = commits

    def count(_: object) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    event.listen(Engine, "commit", count)
    with open_store(url) as store:
        run(store, 2)


if __name__ == "__main__":
    if sys.argv[2] == "steps":
        steps(sys.argv[1])
    with open_store(sys.argv[1]) as opened:
        print("open", flush=True)
        if sys.argv[2] == "run":
            run(opened)
        elif sys.argv[2] == "hold":
            hold(opened)
        elif sys.argv[2] == "share":
            share(opened, int(sys.argv[3]))
