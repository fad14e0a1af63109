"""A store that breaks after the trackers were written: what is said must not be that nothing was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from trackersync.core.model import Change, Facts, ItemRef
from trackersync.errors import StoreError
from trackersync.pipeline import Order, run_once
from trackersync.store import Place, Store

from .happenings import Happenings

FULL = "The store cannot grow: the disk is full. Make room and run again."


class Breaking(Store):
    """Breaks in one of its transactions, once armed."""

    breaks = ""

    def put_bases(self, bases: Mapping[Place, Iterable[Facts]]) -> None:
        self._break("put_bases")
        super().put_bases(bases)

    def forget_before(self, moment: object) -> int:
        self._break("forget_before")
        return super().forget_before(moment)  # type: ignore[arg-type]

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: object) -> int:
        self._break("intend")
        return super().intend(run, change, natives, at)  # type: ignore[arg-type]

    def _break(self, where: str) -> None:
        if self.breaks == where:
            raise StoreError(FULL)


@pytest.mark.parametrize(
    ("breaks", "written"),
    [
        pytest.param("put_bases", "1 change had been written", id="when bases are to follow"),
        pytest.param("forget_before", "1 change had been written", id="when the journal is tidied"),
        pytest.param("intend", "At most one change of each tracker had been sent", id="before anything is sent"),
    ],
)
async def test_what_was_written_is_said(breaks: str, written: str) -> None:
    story = Happenings()
    story.given_task("SHOP-1", "shop#1", "In Progress, ada-l", '"stage: build", ada-l')
    store = story.shop.store = Breaking("sqlite://")
    store.approve(story.shop.setup.terms.fingerprint, "yes", story.shop.clock.now())
    await run_once(story.shop.session(), Order("sync"))
    story.moves("ada-l", "SHOP-1", "In Review")
    store.breaks = breaks

    with pytest.raises(StoreError) as raised:
        await run_once(story.shop.session(), Order("sync"))

    assert str(raised.value) == FULL
    assert raised.value.written.startswith(written)
    assert store.runs(1)[0].ended is not None, "the run that broke is not taken for one under way"
    shown = story.shop.item("shop#1").facts["labels"]
    assert shown == (("stage: build",) if breaks == "intend" else ("stage: verify",))

    # And the next run goes on from there.
    store.breaks = ""
    story.shop.clock.advance(120)
    await run_once(story.shop.session(), Order("sync"))
    assert story.shop.item("shop#1").facts["labels"] == ("stage: verify",)
    assert not [entry for entry in store.in_doubt() if entry.change.ref == ItemRef("github", "10001")]
