"""Reading GitHub: against the stand-in, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from github_doubles import API, NOON, TOKEN, Clock, opened, row, scripted, served, shop

from trackersync.connector import (
    Absence,
    AuthError,
    ItemRef,
    Lately,
    NotFoundError,
    Page,
    RejectedError,
    These,
    UnavailableError,
)
from trackersync.sandbox import GitHub, answer, cut, drop

SECOND = timedelta(seconds=1)
REPOSITORY = {"id": 681, "full_name": "acme/shop"}


def filled(count: int, clock: Clock, *, step: timedelta = SECOND) -> GitHub:
    model = shop(clock)
    for number in range(1, count + 1):
        model.create(f"Issue {number}", labels=["stage: idea"])
        clock.time += step
    return model


def cursors(pages: list[Page]) -> dict[str, str]:
    return {page.container: page.cursor for page in pages if page.cursor is not None}


def numbers(pages: list[Page]) -> list[int]:
    return [int(item.key.rpartition("#")[2]) for page in pages for item in page.items]


# The stand-in.


async def test_a_repository_is_read_whole_in_pages_of_a_hundred() -> None:
    clock = Clock()
    model = filled(250, clock)
    async with opened(served(model), clock=clock) as it:
        pages = await it.pages()

    assert sorted(numbers(pages)) == list(range(1, 251))
    assert [page.complete for page in pages] == [False, False, True]
    assert all(page.container == "acme/shop" and page.cursor for page in pages)
    assert it.sent == (4, 0), "one for the repository's id, three for the pages"


async def test_an_incremental_read_that_finds_nothing_new_costs_one_request() -> None:
    clock = Clock()
    model = filled(3, clock)
    async with opened(served(model), clock=clock) as it:
        cursor = cursors(await it.pages())
        before = len(model.requests)
        pages = await it.pages(Lately(cursor))

    assert len(model.requests) - before == 1
    assert [page.complete for page in pages] == [True]
    assert cursors(pages) == cursor


async def test_an_incremental_read_shows_what_changed_since() -> None:
    clock = Clock()
    model = filled(300, clock, step=timedelta(minutes=5))
    async with opened(served(model), clock=clock) as it:
        cursor = cursors(await it.pages())
        model.edit(7, assignees=["ada-l"], by="grace-h")
        pages = await it.pages(Lately(cursor))

    assert 7 in numbers(pages)
    assert len(pages) == 1
    assert len(numbers(pages)) <= 5, "more than the last page of the read before"
    assert {account.id for page in pages for account in page.accounts} == {"ada-l"}


async def test_an_empty_repository_has_a_cursor_too() -> None:
    model = shop()
    async with opened(served(model)) as it:
        cursor = cursors(await it.pages())
        before = len(model.requests)
        assert numbers(await it.pages(Lately(cursor))) == []
        assert len(model.requests) - before == 1
        model.create("First")
        assert numbers(await it.pages(Lately(cursor))) == [1]


async def test_a_cursor_that_cannot_be_read_means_the_whole_repository() -> None:
    model = filled(3, clock := Clock())
    async with opened(served(model), clock=clock) as it:
        assert numbers(await it.pages(Lately({"acme/shop": "from another version"}))) == [1, 2, 3]


async def test_pull_requests_are_passed_over() -> None:
    model = shop(clock := Clock())
    model.create("An issue")
    model.create("A pull request", pull=True)
    async with opened(served(model), clock=clock) as it:
        assert numbers(await it.pages()) == [1]


async def test_a_page_and_more_in_one_second() -> None:
    clock = Clock()
    model = filled(50, clock)
    for number in range(51, 401):
        model.create(f"Issue {number}")
    clock.time += SECOND
    for number in range(401, 421):
        model.create(f"Issue {number}")
    async with opened(served(model), clock=clock) as it:
        pages = await it.pages()

    assert sorted(numbers(pages)) == list(range(1, 421))
    assert any("after=" in request.query for request in model.requests), "the link was followed verbatim"


async def test_a_killed_read_goes_on_where_it_stopped() -> None:
    clock = Clock()
    model = filled(250, clock, step=timedelta(minutes=3))
    model.faults.add(answer(500), path="/issues$", skip=1, times=4)
    async with opened(served(model), clock=clock) as it:
        seen, error = await it.until_error()
        assert isinstance(error, UnavailableError)
        rest = await it.pages(Lately(cursors(seen)))

    assert not any(page.complete for page in seen)
    assert sorted({*numbers(seen), *numbers(rest)}) == list(range(1, 251))
    assert len(numbers(rest)) <= 152
    assert rest[-1].complete


@pytest.mark.parametrize("seed", range(8))
async def test_edits_and_deletions_meanwhile_lose_no_row(seed: int) -> None:
    """The listing moves under the reader; whoever is there at the end has been shown as they are at the end."""
    clock, chance = Clock(), random.Random(seed)  # noqa: S311  # a seed, no secret
    model = filled(450, clock)
    shown: dict[int, datetime] = {}

    def note(page: Page) -> None:
        for item in page.items:
            number = int(item.ref.id.partition("/")[2])
            shown[number] = max(item.updated, shown.get(number, item.updated))

    async with opened(served(model), clock=clock) as it:
        cursor: dict[str, str] = {}
        for _ in range(2):
            async for page in it.github.observe(Lately(cursor)):
                note(page)
                cursor |= cursors([page])
                for _ in range(3):
                    clock.time += SECOND * chance.randrange(2)
                    number = chance.choice(list(model.issues))
                    if chance.random() < 0.3:
                        model.delete(number)
                    else:
                        model.edit(number, title=f"Edited {chance.random()}", by="grace-h")
        async for page in it.github.observe(Lately(cursor)):
            note(page)

    assert {n: shown.get(n) for n in model.issues} == {
        n: datetime.fromtimestamp(issue.updated, NOON.tzinfo) for n, issue in model.issues.items()
    }


# Several repositories.


def two(first: GitHub, second: GitHub) -> httpx.MockTransport:
    """Two stand-ins behind one address."""
    transports = {model.repository: served(model) for model in (first, second)}

    async def route(request: httpx.Request) -> httpx.Response:
        name = "/".join(request.url.path.split("/")[2:4])
        if name not in transports:
            return httpx.Response(404, json={"message": "Not Found"})
        response = await transports[name].handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    return httpx.MockTransport(route)


def pair(clock: Clock) -> tuple[GitHub, GitHub]:
    one, other = filled(120, clock), shop(clock, "acme/api")
    other.repository_id = 99
    other.create("The other")
    return one, other


async def test_repositories_are_read_side_by_side_each_with_its_cursor() -> None:
    clock = Clock()
    async with opened(two(*pair(clock)), clock=clock, repositories=["acme/shop", "acme/api"]) as it:
        pages = await it.pages()

    assert set(cursors(pages)) == {"acme/shop", "acme/api"}
    assert {item.ref.id for page in pages for item in page.items if page.container == "acme/api"} == {"99/1"}
    assert [page.container for page in pages if page.complete].count("acme/shop") == 1


async def test_one_repositorys_trouble_does_not_stop_the_others_but_is_told() -> None:
    clock = Clock()
    names = ["acme/gone", "acme/shop", "acme/lost", "acme/api"]
    async with opened(two(*pair(clock)), clock=clock, repositories=names) as it:
        seen, error = await it.until_error()

    assert isinstance(error, NotFoundError)
    assert "acme/gone" in str(error)
    assert "acme/lost" in str(error)
    assert "`repositories`" in str(error)
    assert {page.container for page in seen if page.complete} == {"acme/shop", "acme/api"}


async def test_try_later_weighs_more_than_gone() -> None:
    clock = Clock()
    one, other = pair(clock)
    one.faults.add(answer(503), times=9)
    async with opened(two(one, other), clock=clock, repositories=["acme/gone", "acme/shop", "acme/api"]) as it:
        seen, error = await it.until_error()

    assert isinstance(error, UnavailableError)
    assert "503" in str(error)
    assert "acme/gone" in str(error)
    assert [page.container for page in seen] == ["acme/api"]


async def test_a_refused_credential_stops_everything_at_once() -> None:
    asked: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(401, json={"message": "Bad credentials"})

    names = [f"acme/r{n}" for n in range(50)]
    async with opened(scripted(refuse), repositories=names) as it:
        seen, error = await it.until_error()

    assert isinstance(error, AuthError)
    assert seen == []
    assert len(asked) <= 8
    assert TOKEN not in str(error)


async def test_no_more_than_eight_at_once() -> None:
    under_way, most = 0, 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        listing = request.url.path.endswith("/issues")
        return httpx.Response(200, json=[row(1, NOON)] if listing else REPOSITORY)

    async with opened(httpx.MockTransport(slow), repositories=[f"acme/r{n}" for n in range(30)]) as it:
        assert len(await it.pages()) == 30

    assert most == 8


async def test_a_reader_that_is_left_in_the_middle_stops_asking() -> None:
    clock = Clock()
    model = filled(450, clock)
    async with opened(served(model), clock=clock) as it:
        pages = it.github.observe(Lately())
        await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]  # an async generator, as every async for leaves it
        asked = len(model.requests)
        await asyncio.sleep(0.01)

    assert len(model.requests) == asked <= 3


async def test_a_reader_that_waits_for_an_answer_is_not_waited_for() -> None:
    async def second_page_never_comes(request: httpx.Request) -> httpx.Response:
        if "since" in request.url.params:
            await asyncio.Event().wait()
        return httpx.Response(200, json=FULL if request.url.path.endswith("/issues") else REPOSITORY)

    async with opened(httpx.MockTransport(second_page_never_comes)) as it:
        pages = it.github.observe(Lately())
        await anext(pages)
        await asyncio.sleep(0.01)
        await asyncio.wait_for(pages.aclose(), 1)  # type: ignore[attr-defined]  # an async generator


# A repository that is another by now.


async def test_a_repository_made_anew_under_the_old_name_is_read_whole_under_its_own_id() -> None:
    clock = Clock()
    old = filled(5, clock)
    async with opened(served(old), clock=clock) as it:
        cursor = cursors(await it.pages())
    clock.time += timedelta(days=1)
    new = filled(3, clock)
    new.repository_id = 4711
    async with opened(served(new), clock=clock) as it:
        pages = await it.pages(Lately(cursor))

    assert {item.ref.id for page in pages for item in page.items} == {"4711/1", "4711/2", "4711/3"}
    assert cursors(pages)["acme/shop"].startswith("4711 ")


async def test_a_renamed_repository_keeps_its_items() -> None:
    clock = Clock()
    model = filled(2, clock)
    async with opened(served(model), clock=clock) as it:
        cursor = cursors(await it.pages())
    model.name = "store"
    model.edit(2, title="Edited")
    inner = served(model)

    async def redirecting(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/repos/acme/shop"):
            path = str(request.url).replace("/repos/acme/shop", "/repos/acme/store")
            return httpx.Response(301, headers={"location": path})
        response = await inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    async with opened(httpx.MockTransport(redirecting), clock=clock) as it:
        pages = await it.pages(Lately(cursor))
        (again,) = await it.items(These((ItemRef("github", f"{model.repository_id}/2"),)))

    assert again in [item for page in pages for item in page.items]
    assert (again.key, again.container, again.title) == ("acme/store#2", "acme/shop", "Edited")


# Servers that misbehave.


class Stubborn:
    """A server with so many issues, all of one second, that answers as it likes."""

    def __init__(self, count: int, *, link: Callable[[httpx.Request], str] = lambda _: "", pages: bool = True) -> None:
        self.rows = [row(number, NOON) for number in range(1, count + 1)]
        self.link = link
        self.pages = pages
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/issues"):
            return httpx.Response(200, json=REPOSITORY)
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        self.asked.append(query)
        assert len(self.asked) < 50, "it goes on for ever"
        if "after" in query:
            return httpx.Response(422, json={"message": "the cursor is not valid"})
        if "page" in query and not self.pages:
            return httpx.Response(422, json={"message": "the page parameter is not supported"})
        start = (int(query.get("page", "1")) - 1) * 100
        link = self.link(request)
        headers = {"link": f'<{link}>; rel="next"'} if link else {}
        return httpx.Response(200, json=self.rows[start : start + 100], headers=headers)


async def test_a_cursor_that_is_refused_falls_back_to_page_numbers() -> None:
    server = Stubborn(250, link=lambda _: f"{API}/repositories/681/issues?after=X")
    async with opened(scripted(server)) as it:
        pages = await it.pages()

    assert sorted(set(numbers(pages))) == list(range(1, 251))
    assert [query["page"] for query in server.asked if "page" in query] == ["1", "2", "3"]
    assert {query["direction"] for query in server.asked if "page" in query} == {"desc"}
    assert [page.complete for page in pages][-1]
    assert pages[-1].cursor == "681 2026-03-05T12:00:00Z"
    assert [page.cursor for page in pages[2:-1]] == [None] * len(pages[2:-1])


async def test_page_numbers_show_once_more_what_links_showed_already() -> None:
    rows = [row(number, NOON) for number in range(1, 351)]
    after = {"A": (rows[100:200], "B"), "B": (rows[200:300], "refused")}

    def server(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        if not request.url.path.endswith("/issues"):
            return httpx.Response(200, json=REPOSITORY)
        if query.get("after") == "refused":
            return httpx.Response(422)
        start = (int(query.get("page", "1")) - 1) * 100
        body, then = after.get(query.get("after", ""), (rows[start : start + 100], "A"))
        return httpx.Response(200, json=body, headers={"link": f'<{API}/x/issues?after={then}>; rel="next"'})

    async with opened(scripted(server)) as it:
        pages = await it.pages()

    assert sorted(set(numbers(pages))) == list(range(1, 351))
    assert pages[-1].complete


async def test_a_listing_without_links_falls_back_to_page_numbers() -> None:
    server = Stubborn(201)
    async with opened(scripted(server)) as it:
        assert sorted(set(numbers(await it.pages()))) == list(range(1, 202))


async def test_a_listing_that_refuses_cursors_and_page_numbers_is_given_up() -> None:
    server = Stubborn(250, link=lambda _: f"{API}/repositories/681/issues?after=X", pages=False)
    async with opened(scripted(server)) as it:
        seen, error = await it.until_error()

    assert isinstance(error, UnavailableError)
    assert "acme/shop" in str(error)
    assert not any(page.complete for page in seen)


async def test_a_listing_that_shows_the_same_page_for_ever_is_given_up() -> None:
    always = [row(number, NOON) for number in range(1, 101)]
    link = {"link": f'<{API}/repos/acme/shop/issues?cursor=same>; rel="next"'}
    asked: list[str] = []

    def stuck(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        if not request.url.path.endswith("/issues"):
            return httpx.Response(200, json=REPOSITORY)
        return httpx.Response(200, json=always, headers=link)

    async with opened(scripted(stuck)) as it:
        seen, error = await it.until_error()

    assert isinstance(error, UnavailableError)
    assert "circle" in str(error)
    assert not any(page.complete for page in seen)
    assert len(asked) < 10


async def test_a_since_that_is_refused_means_reading_by_page_number() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if "since" in request.url.params:
            return httpx.Response(422, json={"message": "since"})
        return httpx.Response(200, json=[row(1, NOON)] if request.url.path.endswith("issues") else REPOSITORY)

    async with opened(scripted(server)) as it:
        pages = await it.pages(Lately({"acme/shop": "681 2026-03-05T11:00:00Z"}))

    assert numbers(pages) == [1]
    assert pages[-1].complete


def listing(reply: httpx.Response) -> httpx.MockTransport:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/issues"):
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        return httpx.Response(200, json=REPOSITORY)

    return scripted(server)


FULL = [row(number, NOON) for number in range(1, 101)]
UNUSABLE = [
    ("a page for people", httpx.Response(200, html="<html>Sign in</html>"), UnavailableError, "HTML page"),
    ("cut short", httpx.Response(200, text=json.dumps(FULL)[:-30]), UnavailableError, "JSON was due"),
    ("an object for a list", httpx.Response(200, json={"message": "hi"}), UnavailableError, "JSON was due"),
    (
        "a null where none may be",
        httpx.Response(200, json=[row(1, NOON) | {"number": None}]),
        UnavailableError,
        "number",
    ),
    (
        "a time without an offset",
        httpx.Response(200, json=[row(1, NOON, updated_at="2026-03-05T12:00:00")]),
        UnavailableError,
        "updated_at",
    ),
    ("nothing at all", httpx.Response(200), UnavailableError, "JSON was due"),
    ("no content", httpx.Response(204), UnavailableError, "204"),
    ("refused", httpx.Response(403, json={"message": "no"}), NotFoundError, "may read its issues"),
    ("gone", httpx.Response(404, json={"message": "Not Found"}), NotFoundError, "`repositories`"),
    ("switched off", httpx.Response(410, json={"message": "Issues are disabled"}), NotFoundError, "switched off"),
    ("forbidden by law", httpx.Response(451, json={"message": "DMCA"}), NotFoundError, "acme/shop"),
    (
        "a link to another host",
        httpx.Response(200, json=FULL, headers={"link": '<https://evil.example/x>; rel="next"'}),
        UnavailableError,
        "evil.example",
    ),
    (
        "a login page elsewhere",
        httpx.Response(302, headers={"location": "https://sso.example/"}),
        UnavailableError,
        "sso",
    ),
]


@pytest.mark.parametrize(
    ("reply", "kind", "words"), [case[1:] for case in UNUSABLE], ids=[case[0] for case in UNUSABLE]
)
async def test_an_answer_that_cannot_be_used(reply: httpx.Response, kind: type[Exception], words: str) -> None:
    async with opened(listing(reply)) as it:
        seen, error = await it.until_error()

    assert type(error) is kind
    assert words in str(error)
    assert not any(page.complete for page in seen)
    assert TOKEN not in str(error)


@pytest.mark.parametrize("fault", [drop(), cut(), answer(502, "<html>"), answer(429, headers={"retry-after": "3"})])
async def test_a_passing_trouble_costs_a_repeat_and_nothing_else(fault: object) -> None:
    clock = Clock()
    model = filled(130, clock)
    model.faults.add(fault, path="/issues$", skip=1)  # type: ignore[arg-type]  # pytest's table has no better type
    async with opened(served(model), clock=clock) as it:
        assert sorted(numbers(await it.pages())) == list(range(1, 131))


# Single items.


def refs(model: GitHub, *wanted: int) -> These:
    return These(tuple(ItemRef("github", f"{model.repository_id}/{number}") for number in wanted))


async def test_items_asked_for_are_as_the_listing_shows_them() -> None:
    clock = Clock()
    model = filled(5, clock)
    async with opened(served(model), clock=clock) as it:
        listed = {item.ref: item for item in await it.items()}
        looked = await it.items(refs(model, 4, 2))

    assert looked == [listed[item.ref] for item in looked]
    assert [item.key for item in looked] == ["acme/shop#4", "acme/shop#2"]


async def test_why_an_item_is_not_there() -> None:
    clock = Clock()
    model = filled(4, clock)
    model.delete(1)
    model.transfer(2, f"{API}/repositories/4711/issues/9")
    pull = model.create("A pull request", pull=True).number
    asked = (*refs(model, 1, 2, 3, 77, pull).refs, ItemRef("github", "4711/1"), ItemRef("github", "nonsense"))
    async with opened(served(model), clock=clock) as it:
        (page,) = await it.pages(These(asked))

    assert {ref.id.partition("/")[2] or ref.id: why for ref, why in page.missing.items()} == {
        "1": Absence.OUT_OF_SCOPE,
        "2": Absence.MOVED,
        "77": Absence.HIDDEN,
        str(pull): Absence.OUT_OF_SCOPE,
        "nonsense": Absence.OUT_OF_SCOPE,
    }
    assert page.missing[asked[0]] is Absence.GONE
    assert page.missing[asked[5]] is Absence.OUT_OF_SCOPE
    assert [item.key for item in page.items] == ["acme/shop#3"]


async def test_an_issue_transferred_to_another_configured_repository_is_followed() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/repos/acme/shop":
                return httpx.Response(200, json=REPOSITORY)
            case "/repos/acme/api":
                return httpx.Response(200, json={"id": 99, "full_name": "acme/api"})
            case "/repos/acme/shop/issues/17":
                return httpx.Response(301, headers={"location": "/repos/acme/api/issues/17"})
            case "/repos/acme/api/issues/17":
                return httpx.Response(200, json=row(17, NOON, repository_url=f"{API}/repos/acme/api"))
        return httpx.Response(404)

    async with opened(scripted(server), repositories=["acme/shop", "acme/api"]) as it:
        (page,) = await it.pages(These((ItemRef("github", "681/17"),)))

    assert not page.missing
    assert page.moved == {ItemRef("github", "681/17"): ItemRef("github", "99/17")}
    assert [(item.ref.id, item.key, item.container) for item in page.items] == [("99/17", "acme/api#17", "acme/api")]


async def test_an_item_that_cannot_be_looked_at_does_not_hide_the_others() -> None:
    clock = Clock()
    model = filled(3, clock)
    model.faults.add(answer(500), path="/issues/2$", times=9)
    async with opened(served(model), clock=clock) as it:
        seen, error = await it.until_error(refs(model, 1, 2, 3))

    assert isinstance(error, UnavailableError)
    assert numbers(seen) == [1, 3]
    assert not seen[0].missing


async def test_items_are_looked_at_without_a_listing_before() -> None:
    """A webhook's run begins with single items: one request more, for the repository's id."""
    clock = Clock()
    model = filled(3, clock)
    async with opened(served(model), clock=clock) as it:
        await it.items(refs(model, 1, 2, 3))
        assert it.sent == (4, 0)


async def test_repositories_are_asked_for_their_id_only_until_the_one_is_found() -> None:
    clock = Clock()
    names = ["acme/lost", "acme/shop", "acme/api"]
    async with opened(two(*pair(clock)), clock=clock, repositories=names) as it:
        assert await it.items(These((ItemRef("github", "681273514/1"),)))
        assert it.sent == (3, 0)


async def test_an_item_that_is_refused_is_told() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(403, json={"message": "no"})
            if "issues" in request.url.path
            else httpx.Response(200, json=REPOSITORY)
        )

    async with opened(scripted(server)) as it:
        _, error = await it.until_error(These((ItemRef("github", "681/1"),)))

    assert not isinstance(error, RejectedError)
    assert "acme/shop#1" in str(error)
