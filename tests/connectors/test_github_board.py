"""The board as a place of the stage: read whole or one by one, over REST or GraphQL, and written by a card's move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from github_board_doubles import PROJECT, boarded, to
from github_doubles import Clock, opened, served, shop

from trackersync.connector import Lately, Page, RejectedError, StaleError, These, UnavailableError
from trackersync.sandbox import Fault, answer, drop, lose, overtaken, powerless

EITHER = pytest.mark.parametrize("rest", [True, False], ids=["rest", "graphql"])


def on(pages: Sequence[Page]) -> Lately:
    return Lately({page.container: page.cursor for page in pages if page.cursor is not None})


def shown(pages: Sequence[Page]) -> dict[str, tuple[str, ...]]:
    return {item.key: item.facts["board"] for page in pages for item in page.items}


# Reading.


@EITHER
async def test_an_issue_shows_where_its_card_is_whichever_way_it_comes(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    project.draft()
    async with opened(served(model), project=PROJECT) as it:
        listed = await it.items()
        looked = [await it.item(item.ref) for item in listed]
        together = await it.items(These(tuple(item.ref for item in listed)))
    assert [item.facts["board"] for item in listed] == [("Todo",), ("Doing",), ()]
    assert looked == listed == together


@EITHER
async def test_field_and_project_go_by_name_in_any_case(rest: bool) -> None:
    model, _ = boarded()
    model.boards.rest = rest
    async with opened(served(model), project={"owner": "ACME", "number": 7, "field": "status"}) as it:
        assert shown(await it.pages()) == {
            "acme/shop#1": ("Todo",), "acme/shop#2": ("Doing",), "acme/shop#3": (),
        }  # fmt: skip


@EITHER
async def test_a_persons_board_is_read_too(rest: bool) -> None:
    model, _ = boarded()
    model.boards.rest = rest
    model.boards.add("ada-l", 1, "Later", "Now", kind="user").put(3, "Now")
    async with opened(served(model), project={"owner": "ada-l", "number": 1, "kind": "user"}) as it:
        assert shown(await it.pages())["acme/shop#3"] == ("Now",)


@EITHER
async def test_a_board_of_many_pages_is_read_to_its_end(rest: bool) -> None:
    model, project = boarded(issues=230)
    model.boards.rest = rest
    for number in range(3, 231):
        project.put(number, "Done" if number == 230 else "")
    async with opened(served(model), project=PROJECT) as it:
        pages = await it.pages()
    items = [request for request in model.requests if re.search(r"/items$|graphql$", request.path)]
    assert shown(pages)["acme/shop#230"] == ("Done",)
    # One whole look however many pages the issues took.
    assert len(items) == (3 if rest else 4)


@EITHER
@pytest.mark.parametrize("lists_archived", [True, False])
async def test_archived_and_hidden_cards_are_no_cards(rest: bool, lists_archived: bool) -> None:
    model, project = boarded()
    model.boards.rest, model.boards.lists_archived = rest, lists_archived
    project.archive(1)
    project.hide(2)
    async with opened(served(model), project=PROJECT) as it:
        listed = await it.items()
        assert [await it.item(item.ref) for item in listed] == listed
    assert {item.facts["board"] for item in listed} == {()}


@EITHER
async def test_whether_empty_fields_are_listed_makes_no_difference(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest, model.boards.shows_unset = rest, False
    project.put(3)
    async with opened(served(model), project=PROJECT) as it:
        listed = await it.items()
        assert listed[2].facts["board"] == ()
        assert await it.item(listed[2].ref) == listed[2]


@EITHER
async def test_a_move_that_leaves_the_issue_alone_is_seen_by_the_next_read(rest: bool) -> None:
    clock = Clock()
    model, project = boarded(clock)
    model.boards.rest = rest
    clock.time += timedelta(hours=1)
    async with opened(served(model), clock=clock, project=PROJECT) as it:
        pages = await it.pages()
        clock.time += timedelta(hours=1)
        project.put(1, "In Review")
        project.put(3, "Doing")
        clock.time += timedelta(minutes=5)
        pages = await it.pages(on(pages))
        assert shown(pages) == {"acme/shop#1": ("In Review",), "acme/shop#3": ("Doing",)}
        assert [page.complete for page in pages] == [False, True]
        clock.time += timedelta(hours=1)
        assert shown(await it.pages(on(pages))) == {}


async def test_another_process_that_goes_on_from_the_cursor_sees_a_move_too() -> None:
    clock = Clock()
    model, project = boarded(clock)
    async with opened(served(model), clock=clock, project=PROJECT) as it:
        pages = await it.pages()
    clock.time += timedelta(hours=1)
    project.put(2, "Done")
    async with opened(served(model), clock=clock, project=PROJECT) as it:
        assert shown(await it.pages(on(pages)))["acme/shop#2"] == ("Done",)


async def test_a_long_lived_connector_sees_the_board_as_it_is_in_each_read() -> None:
    clock = Clock()
    model, project = boarded(clock)
    async with opened(served(model), clock=clock, project=PROJECT) as it:
        for option in ("Doing", "In Review", "Done"):
            project.put(1, option)
            assert shown(await it.pages())["acme/shop#1"] == (option,)
        project.remove(1)
        assert shown(await it.pages())["acme/shop#1"] == ()


async def test_a_card_that_was_removed_is_missed_by_its_item_too() -> None:
    model, project = boarded()
    async with opened(served(model), project=PROJECT) as it:
        first = (await it.items())[0]
        project.remove(1)
        assert (await it.item(first.ref)).facts["board"] == ()
        project.put(1, "Done")
        assert (await it.item(first.ref)).facts["board"] == ("Done",)


async def test_pull_requests_are_items_with_cards_where_they_are_wanted() -> None:
    clock = Clock()
    model, project = boarded(clock)
    model.create("A pull request", pull=True)
    project.put(4, "In Review")
    async with opened(served(model), clock=clock, project=PROJECT, pull_requests=True) as it:
        assert shown(await it.pages())["acme/shop#4"] == ("In Review",)
    async with opened(served(model), clock=clock, project=PROJECT) as it:
        pages = await it.pages()
        clock.time += timedelta(hours=1)
        project.put(4, "Done")
        pages = await it.pages(on(pages))
        assert "acme/shop#4" not in shown(pages)
        assert not any(page.missing for page in pages)


async def test_a_host_without_graphql_finds_cards_by_reading_the_board() -> None:
    model, _ = boarded()
    model.boards.graphql = False
    async with opened(served(model), project=PROJECT) as it:
        refs = tuple(item.ref for item in await it.items())
    async with opened(served(model), project=PROJECT) as it:
        looked = await it.items(These(refs))
    assert [item.facts["board"] for item in looked] == [("Todo",), ("Doing",), ()]


async def test_repositories_share_one_look_at_the_board() -> None:
    model, _ = boarded()
    async with opened(served(model), project=PROJECT, repositories=["acme/shop", "acme/none"]) as it:
        pages, error = await it.until_error()
    assert shown(pages)["acme/shop#1"] == ("Todo",)
    assert error.containers == ("acme/none",)
    assert sum("/items" in request.path for request in model.requests) == 1


# A board that cannot be read.


@EITHER
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("readable", r"GITHUB_TOKEN|read:project"),
        ("gone", r"project 7 of acme cannot be found.*Check `project`.*kind.*read:project"),
        ("field", r"no such field: Status\. .*are: State\. Set `project.field`"),
        ("text", r"no single-select field: Notes"),
    ],
)
async def test_a_board_that_cannot_be_read_makes_no_items(rest: bool, what: str, words: str) -> None:
    model, project = boarded()
    model.boards.rest = rest
    if what == "readable":
        model.boards.readable = False
    elif what == "gone":
        model.boards.projects.clear()
    else:
        project.fields[-1:] = []
        project.add_field("State", "Todo")
        project.add_field("Notes")
    settings = PROJECT | ({"field": "Notes"} if what == "text" else {})
    async with opened(served(model), project=settings) as it:
        pages, error = await it.until_error()
    assert [item for page in pages for item in page.items] == []
    assert not any(page.complete for page in pages)
    assert re.search(words, str(error)), error
    assert error.containers == ("acme/shop",)


@EITHER
async def test_a_field_that_is_deleted_under_our_hands_is_no_empty_board(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        project.fields.pop()
        project.cards = {key: project.choose(card, project.fields[0], None) for key, card in project.cards.items()}
        for scope in (Lately(), These((item.ref,))):
            pages, _ = await it.until_error(scope)
            assert [item for page in pages for item in page.items] == []


async def test_a_host_with_neither_way_says_so() -> None:
    model, _ = boarded()
    model.boards.rest = model.boards.graphql = False
    async with opened(served(model), project=PROJECT) as it:
        _, error = await it.until_error()
    assert "serves no GraphQL" in str(error)


async def test_a_repository_without_a_board_in_its_settings_costs_no_look_at_one() -> None:
    model = shop()
    model.create("One")
    async with opened(served(model)) as it:
        assert "board" not in (await it.items())[0].facts
    assert not any("projects" in request.path for request in model.requests)


# Writing.


@EITHER
async def test_a_card_moves_and_nothing_else_changes(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    before = dict(model.issues)
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        written = await it.github.apply(to(item, board=("in review",)))
        assert written.facts["board"] == ("In Review",)
        assert written == await it.item(item.ref)
        assert it.sent[1] == 1
    assert (project.shown(1), project.shown(2)) == ("In Review", "Doing")
    assert model.issues == before


@EITHER
async def test_a_card_can_be_emptied(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        assert (await it.github.apply(to(item, board=()))).facts["board"] == ()
    assert project.card(1) is not None
    assert project.shown(1) is None


@EITHER
async def test_an_issue_that_is_not_on_the_board_is_added_where_that_is_wanted(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT | {"add": True}) as it:
        item = (await it.items())[2]
        assert (await it.github.apply(to(item, board=("Doing",)))).facts["board"] == ("Doing",)
        assert it.sent[1] == 2
    assert project.shown(3) == "Doing"


@EITHER
async def test_an_issue_that_is_not_on_the_board_is_left_alone_where_it_is_not(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[2]
        with pytest.raises(RejectedError, match=r"acme/shop#3 is not on the board .*Add it there, or set") as caught:
            await it.github.apply(to(item, board=("Doing",), labels=("stage: build",)))
    assert not caught.value.partly
    assert project.card(3) is None
    assert model.writes == 0


async def test_a_pull_request_is_added_by_its_number() -> None:
    model, project = boarded()
    model.create("A pull request", pull=True)
    async with opened(served(model), project=PROJECT | {"add": True}, pull_requests=True) as it:
        item = next(item for item in await it.items() if item.key.endswith("#4"))
        assert (await it.github.apply(to(item, board=("Doing",)))).facts["board"] == ("Doing",)
    assert project.shown(4) == "Doing"


@EITHER
async def test_an_option_that_is_not_there_is_refused_with_those_that_are(rest: bool) -> None:
    model, _ = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        with pytest.raises(RejectedError, match=r"has no option Blocked.*Todo, Doing, In Review, Done"):
            await it.github.apply(to(item, board=("Blocked",)))
    assert model.writes == 0


@EITHER
async def test_an_option_that_was_added_just_now_is_found(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        field = project.fields[-1]
        project.fields[-1] = type(field)(field.id, field.name, {**(field.options or {}), "fresh": "Blocked"})
        assert (await it.github.apply(to(item, board=("Blocked",)))).facts["board"] == ("Blocked",)


@EITHER
async def test_an_archived_card_is_for_people_to_restore(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    project.archive(1)
    async with opened(served(model), project=PROJECT | {"add": True}) as it:
        item = (await it.items())[0]
        with pytest.raises(RejectedError, match="archived; restore it"):
            await it.github.apply(to(item, board=("Doing",)))
    assert model.writes == 0


@EITHER
async def test_a_card_that_a_person_moved_meanwhile_is_stale(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        project.put(1, "Done")
        with pytest.raises(StaleError, match=r"board was Todo, is Done now"):
            await it.github.apply(to(item, board=("Doing",)))
    assert model.writes == 0
    assert project.shown(1) == "Done"


@EITHER
async def test_a_board_that_may_not_be_written_says_so(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest, model.boards.writable = rest, False
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        with pytest.raises(RejectedError) as caught:
            await it.github.apply(to(item, board=("Doing",)))
    assert not caught.value.partly
    assert project.shown(1) == "Todo"


@EITHER
@pytest.mark.parametrize(("trouble", "done"), [(lose(), True), (drop(), False)])
async def test_a_move_whose_answer_is_lost_is_in_doubt_and_sent_once(rest: bool, trouble: Fault, done: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        model.faults.add(trouble, kind="write")
        with pytest.raises(UnavailableError) as caught:
            await it.github.apply(to(item, board=("Doing",)))
        assert caught.value.in_doubt
        assert model.writes == 1
        assert project.shown(1) == ("Doing" if done else "Todo")
        await it.github.apply(to(item, board=("Doing",)))
    assert project.shown(1) == "Doing"
    assert model.writes == (1 if done else 2)


@EITHER
async def test_a_move_that_is_dropped_without_a_word_is_noticed(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        model.faults.add(powerless(), kind="write")
        with pytest.raises(RejectedError, match="dropped it without a word") as caught:
            await it.github.apply(to(item, board=("Doing",)))
    assert not caught.value.partly
    assert project.shown(1) == "Todo"


@EITHER
async def test_a_move_right_behind_ours_is_not_taken_for_ours(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        # The first look after the write: of the card over REST, of the issue over GraphQL.
        look = {"method": "GET", "path": r"/items/\d+$", "skip": 1} if rest else {"method": "GET", "path": "/issues/1$"}
        model.faults.add(overtaken(lambda: project.put(1, "Done")), **look, **({} if rest else {"skip": 1}))
        with pytest.raises(RejectedError, match="board is Done now: somebody set it otherwise") as caught:
            await it.github.apply(to(item, board=("Doing",)))
    assert caught.value.partly
    assert project.shown(1) == "Done"


@EITHER
async def test_a_card_that_is_taken_off_the_board_under_our_hands_is_not_a_deleted_issue(rest: bool) -> None:
    model, project = boarded()
    model.boards.rest = rest
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        model.faults.add(overtaken(lambda: project.remove(1)), kind="write")
        with pytest.raises(UnavailableError, match="card or board is gone"):
            await it.github.apply(to(item, board=("Doing",)))


@EITHER
@pytest.mark.parametrize("skip", [0, 1, 2])
async def test_a_change_of_many_places_goes_on_from_wherever_it_was_stopped(rest: bool, skip: int) -> None:
    model, project = boarded()
    model.boards.rest = rest
    model.edit(1, labels=["bug", "stage: idea"])
    async with opened(served(model), project=PROJECT) as it:
        item = (await it.items())[0]
        wanted = {"board": ("Doing",), "labels": ("stage: build",)}
        model.faults.add(answer(500), kind="write", skip=skip)
        with pytest.raises(UnavailableError):
            await it.github.apply(to(item, **wanted))
        half = await it.item(item.ref)
        # The new label is on before the card moves, and the old one goes last.
        assert half.facts["board"] == (("Todo",), ("Todo",), ("Doing",))[skip]
        assert "stage: idea" in half.facts["labels"]
        assert ("stage: build" in half.facts["labels"]) is (skip > 0)
        whole = await it.github.apply(to(half, **wanted))
    assert whole.facts["board"] == ("Doing",)
    assert set(whole.facts["labels"]) == {"bug", "stage: build"}
    assert project.shown(1) == "Doing"
