"""A kill between or in the middle of any two calls leaves a store that makes sense; several at work lose nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from trackersync.core.model import STAGE, Receipt
from trackersync.store import Store, open_store
from trackersync.store.database import Database

from .story import PAGE, PAGES, SHARED
from .values import BUILD, IDEA, SHOP, ref

HERE = Path(__file__).parent.parent


def begin(url: str, *part: str) -> subprocess.Popen[str]:
    """Begin the story in another process."""
    path = os.pathsep.join([str(HERE), *sys.path])
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "test_store.story", url, *part],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


@pytest.mark.parametrize("page", [0, 1, 7, 16, 28])
def test_a_kill_at_any_moment_leaves_a_store_that_makes_sense(url: str, page: int) -> None:
    with begin(url, "run") as story:
        assert story.stdout is not None
        for line in story.stdout:
            if line.strip() == str(page):
                break
        time.sleep(random.uniform(0, 0.03))  # noqa: S311 - any moment will do
        story.kill()

    with open_store(url) as store:
        assert page - 1 <= makes_sense(store, PAGES)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each life is forked from one process that has everything loaded")
def test_a_kill_before_any_commit_leaves_a_store_that_makes_sense(tmp_path: Path) -> None:
    with begin(str(tmp_path / "life"), "steps") as story:
        story.communicate(timeout=120)
    assert story.returncode == 0

    lives = len([*tmp_path.glob("life.*[0-9]")])
    reached = []
    for number in range(lives):
        with open_store(str(tmp_path / f"life.{number}")) as store:
            reached.append((makes_sense(store, 2), len(store.journal()), len(store.links())))
    # Every state in between has been looked at: no page, one, two; no link or intent, one, two.
    assert set(reached) == {(-1, 0, 0), (0, 0, 0), (0, 0, 2), (0, 1, 2), (1, 1, 2), (1, 1, 4), (1, 2, 4)}
    assert reached == sorted(reached)


def makes_sense(store: Store, pages: int) -> int:
    """Check that nothing in a store contradicts anything else; answer the last page that was written."""
    cursor = int(store.cursors("github").get(SHOP, "-1"))
    # The cursor and the items of its page are there together.
    assert len(list(store.items())) == (cursor + 1) * PAGE
    assert store.complete("github").get(SHOP, False) is (cursor == pages - 1)
    # Both ends of a link, or none.
    assert set(Counter(store.links().values()).values()) <= {2}
    # A change that was answered has its base and its item; one that was not has every state it may show.
    for entry in store.journal():
        place, shown = (entry.change.ref, STAGE), store.item(entry.change.ref).facts["labels"]
        if entry.receipt is None:
            assert (set(map(str, store.bases()[place])), shown) == ({str(IDEA), str(BUILD)}, IDEA["labels"])
        else:
            assert (store.bases()[place], shown) == ((BUILD,), BUILD["labels"])
    assert len(store.bases()) == len(store.journal())
    return cursor


def test_several_at_work_on_one_store_lose_no_row_and_link_no_item_twice(url: str) -> None:
    workers = [begin(url, "share", str(worker)) for worker in range(4)]  # they make the store, too
    for worker in workers:
        worker.communicate(timeout=120)
    assert [worker.returncode for worker in workers] == [0] * 4

    with open_store(url) as store:
        items = {each.ref.id: each for each in store.items()}
        assert len(items) == 4 * SHARED + SHARED
        # Of the items that all put, the newest is kept, whoever came last.
        assert {items[f"all-{n}"].updated.second for n in range(SHARED)} == {3}
        links = store.links()
        assert {ref(n, "jira") for n in range(SHARED)} <= links.keys()
        assert set(Counter(links.values()).values()) == {2}
        assert len(links) == 2 * SHARED
        assert len({entry.id for entry in store.journal()}) == 4 * SHARED == len(store.bases())
        assert all(isinstance(entry.receipt, Receipt) for entry in store.journal())


def test_many_open_a_new_store_at_once(url: str) -> None:
    workers = [begin(url, "open") for _ in range(6)]
    assert [worker.wait(timeout=120) for worker in workers] == [0] * 6
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdin is not None
        worker.stdin.close()
        worker.stdout.close()


def test_an_intent_is_on_the_disk_when_it_is_committed(tmp_path: Path) -> None:
    url = str(tmp_path / "a.db")
    open_store(url).close()
    database = Database(url)
    with database.read() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    database.close()

    assert pragmas == ["wal", 2]
