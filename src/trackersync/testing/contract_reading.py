"""The reading half of ``ConnectorContract``: what ``observe`` and ``probe`` promise."""

# ruff: noqa: S101 - asserting is what a contract does

from __future__ import annotations

from datetime import timedelta

import pytest

from trackersync.connector import AuthError, Item, ItemRef, Page, These, UnavailableError
from trackersync.testing.driver import TrackerDriver
from trackersync.testing.looks import absent, items_of, look, resumed, start, until_error, whole


class ReadingContract:
    """What a connector promises of looking; inherited by way of ``ConnectorContract``."""

    async def test_the_probe_names_the_account(self, driver: TrackerDriver) -> None:
        """``probe`` says who we are, names what it can read, and finds nothing missing where all is well."""
        probe = await driver.connector().probe()
        assert probe.account == driver.account, f"we are {driver.account}, not {probe.account!r}"
        assert probe.containers, "no configured container can be read, it says"
        assert not probe.missing, f"nothing is missing, but it says {probe.missing}"

    async def test_an_item_is_whole(self, driver: TrackerDriver) -> None:
        """An item bears the tracker's name, key, address, title, aware times, and every fact that can be written."""
        ref = driver.create("A task", **driver.stages[0])
        connector = driver.connector()
        pages = await whole(connector)
        item = _only(items_of(pages), ref)
        assert item.ref.tracker == connector.tracker, f"its ref names {item.ref.tracker}, not {connector.tracker}"
        assert item.title == "A task", f"its title is {item.title!r}"
        assert item.key, "an item without a key"
        assert item.url.startswith("http"), f"{item.url!r} is no address people can open"
        assert item.container in {page.container for page in pages}, f"no page was of its container {item.container!r}"
        for moment in (item.created, item.updated):
            assert moment.utcoffset() == timedelta(0), f"{moment} is not UTC"
        lacking = connector.writes.keys() - item.facts.keys()
        assert not lacking, f"{sorted(lacking)} can be written, but the item does not show it; show an empty fact as ()"
        wrong = {fact: item.facts.get(fact) for fact, values in driver.stages[0].items() if item.facts[fact] != values}
        assert not wrong, f"it was made with {driver.stages[0]}, and shows {wrong}"

    async def test_owners_are_seen_as_accounts(self, driver: TrackerDriver) -> None:
        """Whoever owns an item is named in its page's ``accounts``, under the id that its fact ``owners`` holds."""
        if not driver.owners:
            pytest.skip("the tracker knows no owners")
        ref = driver.create("A task", **driver.stages[0], owners=driver.owners[:1])
        connector = driver.connector()
        pages = await whole(connector)
        owners = _only(items_of(pages), ref).facts["owners"]
        known = {(account.tracker, account.id) for page in pages for account in page.accounts}
        assert owners == driver.owners[:1], f"it is owned by {driver.owners[0]}, and shows {owners}"
        assert (connector.tracker, driver.owners[0]) in known, f"{driver.owners[0]} is not among the accounts: {known}"

    async def test_two_observes_agree(self, driver: TrackerDriver) -> None:
        """Where nothing happened, two reads show the same items, whoever reads; and a single look shows them so too."""
        refs = [driver.create(f"Task {n}", **driver.stages[0]) for n in range(3)]
        connector = driver.connector()
        first, again = items_of(await whole(connector)), items_of(await whole(connector))
        other = items_of(await whole(driver.connector()))
        singly = items_of(await whole(connector, These(tuple(refs))))
        for name, seen in {"a second read": again, "another connector": other, "a look by ref": singly}.items():
            assert seen == first, f"{name} shows other items than the first read: {_differing(first, seen)}"

    async def test_a_whole_read_shows_every_item(self, driver: TrackerDriver) -> None:
        """A whole read shows every item, and its last page of a container says that it is complete, no earlier one."""
        refs = _fill(driver)
        pages = await whole(driver.connector())
        assert len(pages) >= 3, f"{driver.bulk} items make {len(pages)} pages: let the driver's `bulk` be larger"
        _expect_all(refs, items_of(pages), "a whole read")
        for at, page in enumerate(pages):
            last = all(later.container != page.container for later in pages[at + 1 :])
            assert page.complete is last, f"page {at} of {page.container} says complete={page.complete}"

    async def test_a_ghost_is_missing_and_no_error(self, driver: TrackerDriver) -> None:
        """A ref under which nothing ever was is ``missing``; the items asked for with it come all the same."""
        ref = driver.create("A task", **driver.stages[0])
        pages, error = await until_error(driver.connector(), These((driver.ghost, ref)))
        assert error is None, f"{driver.ghost} is not there, and that raised {error!r}"
        assert set(items_of(pages)) == {ref}, f"{ref} was asked for, and {set(items_of(pages))} came"
        assert set(absent(pages)) == {driver.ghost}, f"{driver.ghost} should be missing, not {absent(pages)}"

    async def test_a_deleted_item_is_missing(self, driver: TrackerDriver) -> None:
        """A deleted item that is asked for by ref is ``missing``, with why; no listing shows it."""
        gone, kept = (driver.create(title, **driver.stages[0]) for title in ("Gone", "Kept"))
        connector = driver.connector()
        assert set(items_of(await whole(connector))) == {gone, kept}, "not all items are seen before one is deleted"
        driver.delete(gone)
        pages = await whole(connector, These((gone, kept)))
        assert set(items_of(pages)) == {kept}, f"{gone} is deleted, and {set(items_of(pages))} came"
        assert set(absent(pages)) == {gone}, f"{gone} should be missing, not {absent(pages)}"
        assert set(items_of(await whole(connector))) == {kept}, "a listing shows what is deleted"

    async def test_a_broken_listing_is_never_complete(self, driver: TrackerDriver) -> None:
        """Trouble in the middle of a listing is an error; what came before it stands, and none of it is complete."""
        _fill(driver)
        driver.break_listing(1)
        pages, error = await until_error(driver.connector())
        assert isinstance(error, UnavailableError), f"the listing broke off, and it raised {error!r}"
        assert len(pages) == 1, f"one page could be read, {len(pages)} were yielded"
        assert not any(page.complete for page in pages), "a page says complete, although the listing broke off"

    async def test_a_broken_listing_goes_on_where_it_stopped(self, driver: TrackerDriver) -> None:
        """From the last cursor before trouble, another connector reads the rest: nothing is lost, not all read anew."""
        refs = _fill(driver)
        driver.break_listing(2)
        before, error = await until_error(driver.connector())
        assert error is not None, "the listing broke off, and no error said so"
        driver.mend()
        await self._goes_on(driver, refs, before)

    async def test_a_killed_listing_goes_on_where_it_stopped(self, driver: TrackerDriver) -> None:
        """From the last cursor before a kill, another connector reads the rest: nothing is lost, not all read anew."""
        refs = _fill(driver)
        await self._goes_on(driver, refs, await start(driver.connector(), 2))

    async def test_an_edit_while_reading_hides_nothing(self, driver: TrackerDriver) -> None:
        """Items edited or deleted between two pages hide no other item, and the edit is seen by the next read."""
        refs = _fill(driver)
        connector = driver.connector()
        pages = []
        async for page in connector.observe(resumed(())):
            pages.append(page)
            if len(pages) == 1:
                driver.delete(refs[0])
                driver.edit(refs[1], **driver.stages[1])
        _expect_all(refs[1:], items_of(pages), "a read during which one item was deleted and one edited")
        then = items_of([*pages, *await whole(connector, resumed(pages))])
        assert then[refs[1]] == await look(connector, refs[1]), "an edit during a read is never seen"

    async def test_an_incremental_read_sees_an_edit_and_is_short(self, driver: TrackerDriver) -> None:
        """From the cursors of a whole read, a read shows what was edited and made since, in fewer pages and items."""
        refs = _fill(driver)
        pages = await whole(driver.connector())
        driver.edit(refs[0], **driver.stages[1])
        made = driver.create("New", **driver.stages[0])
        connector = driver.connector()
        lately = await whole(connector, resumed(pages))
        seen = items_of(lately)
        assert seen.get(refs[0]) == await look(connector, refs[0]), "the edit of an old item is not seen"
        assert made in seen, "an item made since is not seen"
        assert lately[-1].complete, "the read came to its end and does not say so"
        assert len(lately) < len(pages), f"an incremental read takes {len(lately)} pages, a whole one {len(pages)}"
        assert len(seen) < len(refs), f"two items changed, and {len(seen)} of {len(refs) + 1} were read"

    async def test_looking_writes_nothing(self, driver: TrackerDriver) -> None:
        """``probe`` and ``observe`` send nothing that could change anything."""
        ref = driver.create("A task", **driver.stages[0])
        connector = driver.connector()
        await connector.probe()
        await whole(connector)
        await whole(connector, These((ref, driver.ghost)))
        assert driver.written() == 0, f"looking has sent {driver.written()} requests that write"

    async def test_a_refused_credential_stops_everything(self, driver: TrackerDriver) -> None:
        """Where the tracker does not know us, all is ``AuthError``: never an empty list, and nothing is missing."""
        ref = driver.create("A task", **driver.stages[0])
        driver.revoke()
        with pytest.raises(AuthError):
            await driver.connector().probe()
        for scope in (resumed(()), These((ref,))):
            pages, error = await until_error(driver.connector(), scope)
            assert isinstance(error, AuthError), f"{scope} is refused, and it raised {error!r}"
            assert not pages, f"{scope} is refused, and {len(pages)} pages came"

    async def _goes_on(self, driver: TrackerDriver, refs: list[ItemRef], before: list[Page]) -> None:
        scope = resumed(before)
        assert scope.cursors, "two pages came, none with a cursor to go on from"
        after = await whole(driver.connector(), scope)
        _expect_all(refs, items_of([*before, *after]), "a read that stopped and went on")
        assert len(items_of(after)) < len(refs), "going on read everything anew"
        assert after[-1].complete, "the read came to its end and does not say so"


def _fill(driver: TrackerDriver) -> list[ItemRef]:
    return [driver.create(f"Task {n}", **driver.stages[0]) for n in range(driver.bulk)]


def _only(items: dict[ItemRef, Item], ref: ItemRef) -> Item:
    assert set(items) == {ref}, f"only {ref} is there, and {set(items)} came"
    return items[ref]


def _expect_all(refs: list[ItemRef], seen: dict[ItemRef, Item], what: str) -> None:
    lost = [ref for ref in refs if ref not in seen]
    assert not lost, f"{what} lost {len(lost)} of {len(refs)} items: {[ref.id for ref in lost[:5]]}"


def _differing(first: dict[ItemRef, Item], other: dict[ItemRef, Item]) -> list[tuple[Item | None, Item | None]]:
    refs = dict.fromkeys((*first, *other))
    return [(first.get(ref), other.get(ref)) for ref in refs if first.get(ref) != other.get(ref)]
