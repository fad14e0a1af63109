"""Writing to GitHub: the state of the world afterwards, whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from github_doubles import (
    API,
    NOON,
    TOKEN,
    Clock,
    Open,
    change,
    opened,
    owner_change,
    row,
    scripted,
    served,
    shop,
    stage_change,
)

from trackersync.connector import (
    AuthError,
    Item,
    ItemRef,
    NotFoundError,
    RejectedError,
    StaleError,
    These,
    UnavailableError,
)
from trackersync.sandbox import GitHub, answer, cut, drop, lose, powerless
from trackersync.sandbox.faults import Fault, Request

BUILD = "stage: build"


def one_issue(
    clock: Clock, *, labels: tuple[str, ...] = ("bug", "stage: idea"), owners: tuple[str, ...] = ()
) -> GitHub:
    model = shop(clock)
    model.create("An issue", "Text.", labels=labels, assignees=owners)
    return model


async def look(it: Open, model: GitHub, number: int = 1) -> Item:
    return await it.item(ItemRef("github", f"{model.repository_id}/{number}"))


def writes_of(model: GitHub) -> list[tuple[str, str]]:
    return [
        (request.method, request.path.rpartition("/issues/")[2])
        for request in model.requests
        if request.kind == "write"
    ]


# What it does.


async def test_a_stage_takes_the_place_of_another_and_nothing_else_changes() -> None:
    clock = Clock()
    model = one_issue(clock)
    before = model.issue(1)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        shown = await it.github.apply(stage_change(item, BUILD))
        assert shown == await look(it, model)

    after = model.issue(1)
    assert set(after.labels) == {"bug", BUILD}
    assert (after.title, after.body, after.state, after.assignees) == (before.title, before.body, "open", ())
    assert writes_of(model) == [("POST", "1/labels"), ("DELETE", "1/labels/stage: idea")]


async def test_closing_says_why() -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        shown = await it.github.apply(stage_change(item, None, state=("closed",), reason=("not_planned",)))

    issue = model.issue(1)
    assert (issue.state, issue.reason, issue.labels) == ("closed", "not_planned", ("bug",))
    assert shown.facts["reason"] == ("not_planned",)


async def test_reopening_restores_a_stage() -> None:
    clock = Clock()
    model = one_issue(clock, labels=("bug",))
    model.edit(1, state="closed", reason="completed")
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        shown = await it.github.apply(stage_change(item, BUILD, state=("open",)))

    assert (model.issue(1).state, set(model.issue(1).labels)) == ("open", {"bug", BUILD})
    assert shown.facts["state"] == ("open",)


async def test_owners_become_the_wanted_set() -> None:
    clock = Clock()
    model = one_issue(clock, owners=("ada-l", "alan-t"))
    async with opened(served(model), clock=clock) as it:
        shown = await it.github.apply(owner_change(await look(it, model), "alan-t", "Grace-H"))
        assert shown == await look(it, model)

    assert set(model.issue(1).assignees) == {"alan-t", "grace-h"}
    assert set(model.issue(1).labels) == {"bug", "stage: idea"}


async def test_a_label_of_a_persons_that_comes_in_between_survives() -> None:
    """Labels are never set as a whole, so what was added after we looked stays."""
    clock = Clock()
    model = one_issue(clock)

    def meanwhile(request: Request) -> Fault | None:
        if request.method == "POST":
            model.edit(1, labels=[*model.issue(1).labels, "customer"], by="grace-h")
        return None

    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        model.faults.decide = meanwhile
        await it.github.apply(stage_change(item, BUILD))

    assert set(model.issue(1).labels) == {"bug", "customer", BUILD}


async def test_applying_twice_equals_once() -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock) as it:
        wanted = stage_change(await look(it, model), BUILD)
        first = await it.github.apply(wanted)
        sent = model.writes
        assert await it.github.apply(wanted) == first

    assert model.writes == sent


async def test_what_someone_moved_meanwhile_is_stale_and_nothing_is_written() -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        model.edit(1, labels=["bug", "stage: design"], assignees=["ada-l"], by="grace-h")
        for wanted in (stage_change(item, BUILD), owner_change(item, "alan-t")):
            with pytest.raises(StaleError):
                await it.github.apply(wanted)

    assert model.writes == 0
    assert set(model.issue(1).labels) == {"bug", "stage: design"}


async def test_a_move_right_behind_our_write_is_not_taken_for_ours() -> None:
    clock = Clock()
    model = one_issue(clock)

    def meanwhile(request: Request) -> Fault | None:
        if request.method == "GET" and BUILD in model.issue(1).labels:
            model.edit(1, labels=["bug", "stage: verify"], by="grace-h")
        return None

    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        model.faults.decide = meanwhile
        with pytest.raises(RejectedError, match="labels is stage: verify now") as caught:
            await it.github.apply(stage_change(item, BUILD))

    assert caught.value.partly


# What it refuses before it writes.


@pytest.mark.parametrize("writes", [(), ("owners",)])
async def test_a_field_that_may_not_be_written_costs_not_even_a_request(writes: tuple[str, ...]) -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock, writes=writes) as it:
        item = await look(it, model)
        asked = len(model.requests)
        with pytest.raises(RejectedError, match="stage may not be written"):
            await it.github.apply(stage_change(item, "stage: never seen"))

    assert len(model.requests) == asked


async def test_someone_who_cannot_be_assigned_is_named_before_anything_is_written() -> None:
    clock = Clock()
    model = one_issue(clock, owners=("ada-l",))
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(
            RejectedError, match="stranger cannot be assigned in acme/shop; nothing was written"
        ) as caught:
            await it.github.apply(owner_change(item, "stranger", "grace-h"))

    assert "grace-h" not in str(caught.value)
    assert not caught.value.partly
    assert model.issue(1).assignees == ("ada-l",)
    assert model.writes == 0


async def test_an_item_that_is_not_there_any_more() -> None:
    clock = Clock()
    model = one_issue(clock)
    model.create("Another", labels=["stage: idea"])
    async with opened(served(model), clock=clock) as it:
        first, second = await look(it, model, 1), await look(it, model, 2)
        model.delete(1)
        model.transfer(2, f"{API}/repositories/4711/issues/9")
        with pytest.raises(NotFoundError, match="deleted"):
            await it.github.apply(stage_change(first, BUILD))
        with pytest.raises(NotFoundError, match="another repository"):
            await it.github.apply(stage_change(second, BUILD))

    assert model.writes == 0


# What goes wrong while it writes.


async def test_a_label_that_was_taken_away_already_is_fine() -> None:
    clock = Clock()
    model = one_issue(clock)

    def meanwhile(request: Request) -> None:
        if request.method == "DELETE":
            model.edit(1, labels=["bug", BUILD], by="grace-h")

    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        model.faults.decide = meanwhile
        await it.github.apply(stage_change(item, BUILD))

    assert set(model.issue(1).labels) == {"bug", BUILD}


Wanted = Callable[[Item], object]


def to_build(item: Item) -> object:
    return stage_change(item, BUILD)


def to_done(item: Item) -> object:
    return stage_change(item, None, state=("closed",), reason=("completed",))


def to_grace(item: Item) -> object:
    return owner_change(item, "grace-h")


LOST = [
    (name, wanted, method, fault)
    for name, wanted, method in [
        ("label", to_build, "POST"),
        ("old label", to_build, "DELETE"),
        ("state", to_done, "PATCH"),
        ("owner", to_grace, "POST"),
        ("old owner", to_grace, "DELETE"),
    ]
    for fault in (lose(), cut(), answer(502, "<html>"), answer(500))
]


@pytest.mark.parametrize(("wanted", "method", "fault"), [case[1:] for case in LOST])
async def test_a_write_whose_answer_is_lost_is_in_doubt_and_sent_once(
    wanted: Wanted, method: str, fault: Fault
) -> None:
    clock = Clock()
    model = one_issue(clock, owners=("ada-l",))
    model.faults.add(fault, method=method, path="/issues/1", kind="write", times=9)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(UnavailableError) as caught:
            await it.github.apply(wanted(item))  # type: ignore[arg-type]  # a change, whichever

    assert caught.value.in_doubt
    assert [request.method for request in model.requests if request.kind == "write"].count(method) == 1
    assert TOKEN not in str(caught.value)


async def test_a_write_answered_by_a_page_for_people_is_in_doubt() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            return httpx.Response(200, html="<html>")
        found = row(1, NOON) if "issues" in request.url.path else {"id": 681, "full_name": "acme/shop"}
        return httpx.Response(200, json=found)

    async with opened(scripted(server)) as it:
        item = await it.item(ItemRef("github", "681/1"))
        wanted = change(item, "stage", "state", {"state": ("open",)}, {"state": ("closed",)})
        with pytest.raises(UnavailableError) as caught:
            await it.github.apply(wanted)

    assert caught.value.in_doubt


@pytest.mark.parametrize(
    "fault", [answer(429, headers={"retry-after": "3"}), answer(403, headers={"retry-after": "3"})]
)
async def test_a_write_refused_for_rate_is_sent_again(fault: Fault) -> None:
    clock = Clock()
    model = one_issue(clock)
    model.faults.add(fault, kind="write")
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        await it.github.apply(stage_change(item, BUILD))

    assert set(model.issue(1).labels) == {"bug", BUILD}
    assert it.wire.counters.waited == 3


HALF: list[tuple[str, Fault, type[Exception]]] = [
    ("connection lost", drop(), UnavailableError),
    ("asks to wait for an hour", answer(429, headers={"retry-after": "3600"}), UnavailableError),
    ("credential revoked", answer(401, "{}"), UnavailableError),
]


@pytest.mark.parametrize(("fault", "kind"), [case[1:] for case in HALF], ids=[case[0] for case in HALF])
async def test_half_a_change_is_in_doubt_however_it_was_stopped(fault: Fault, kind: type[Exception]) -> None:
    clock = Clock()
    model = one_issue(clock)
    model.faults.add(fault, method="DELETE", times=9)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(kind, match="half written") as caught:
            await it.github.apply(stage_change(item, BUILD))

    assert getattr(caught.value, "in_doubt")  # noqa: B009  # the table's type is wider
    assert set(model.issue(1).labels) == {"bug", "stage: idea", BUILD}


async def test_half_a_change_that_is_refused_took_effect_in_part() -> None:
    clock = Clock()
    model = one_issue(clock)
    headers = {"x-accepted-github-permissions": "issues=write"}
    model.faults.add(answer(403, '{"message": "Must have push"}', headers), method="DELETE")
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(RejectedError, match="issues=write") as caught:
            await it.github.apply(stage_change(item, BUILD))

    assert caught.value.partly
    assert "Must have push" in str(caught.value)
    assert "taking away stage: idea on acme/shop#1" in str(caught.value)


@pytest.mark.parametrize("after_write", [drop(), answer(503), answer(401, "{}"), answer(403, "{}")])
async def test_a_change_that_cannot_be_read_back_is_in_doubt(after_write: Fault) -> None:
    clock = Clock()
    model = one_issue(clock)
    model.faults.add(after_write, method="GET", path="/issues/1$", skip=2, times=9)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(UnavailableError, match="could not be read back") as caught:
            await it.github.apply(stage_change(item, BUILD))

    assert caught.value.in_doubt


@pytest.mark.parametrize("wanted", [to_build, to_grace])
async def test_what_github_drops_without_a_word_is_noticed(wanted: Wanted) -> None:
    clock = Clock()
    model = one_issue(clock, owners=("ada-l",))
    model.faults.add(powerless(), kind="write", times=9)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(RejectedError, match="dropped it without a word") as caught:
            await it.github.apply(wanted(item))  # type: ignore[arg-type]  # a change, whichever

    assert not caught.value.partly
    assert "triage" in str(caught.value)
    assert "acme/shop" in str(caught.value)
    assert model.issue(1).labels == ("bug", "stage: idea")


async def test_what_is_dropped_at_the_second_step_is_noticed_too() -> None:
    clock = Clock()
    model = one_issue(clock)
    model.faults.add(powerless(), method="DELETE")
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        with pytest.raises(RejectedError, match="taking away stage: idea") as caught:
            await it.github.apply(stage_change(item, BUILD))

    assert caught.value.partly


async def test_a_refused_credential_is_named_and_nothing_is_written() -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        model.faults.add(answer(401, "{}"), times=9)
        with pytest.raises(AuthError, match="neither expired nor revoked") as caught:
            await it.github.apply(stage_change(item, BUILD))

    assert TOKEN not in str(caught.value)
    assert set(model.issue(1).labels) == {"bug", "stage: idea"}


async def test_a_repository_that_was_renamed_is_written_by_its_old_name() -> None:
    clock = Clock()
    model = one_issue(clock)
    inner = served(model)

    async def redirecting(request: httpx.Request) -> httpx.Response:
        path = str(request.url)
        if "/repos/acme/shop" in path:
            status = 301 if request.method == "GET" else 307
            return httpx.Response(status, headers={"location": path.replace("acme/shop", "acme/store")})
        response = await inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    async with opened(served(model), clock=clock) as it:
        item = await look(it, model)
        model.name = "store"
    async with opened(httpx.MockTransport(redirecting), clock=clock, repositories=["acme/store"]) as it:
        await it.github.apply(stage_change(item, BUILD))
    assert set(model.issue(1).labels) == {"bug", BUILD}

    async with opened(httpx.MockTransport(redirecting), clock=clock) as it:
        it.github._names.note(model.repository_id, "acme/shop")
        await it.github.apply(stage_change(await look(it, model), "stage: verify"))
    assert set(model.issue(1).labels) == {"bug", "stage: verify"}


async def test_labels_that_were_seen_are_not_looked_for_again() -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock) as it:
        for stage in (BUILD, "stage: idea", BUILD):
            await it.github.apply(stage_change(await look(it, model), stage))

    asked = [request.path for request in model.requests if "/labels/" in request.path and request.method == "GET"]
    assert asked == ["/repos/acme/shop/labels/stage: build", "/repos/acme/shop/labels/stage: idea"]


async def test_items_that_are_asked_for_after_a_change_show_it() -> None:
    clock = Clock()
    model = one_issue(clock)
    async with opened(served(model), clock=clock) as it:
        shown = await it.github.apply(stage_change(await look(it, model), BUILD))

        assert await it.items() == [shown]
        assert await it.items(These((shown.ref,))) == [shown]
