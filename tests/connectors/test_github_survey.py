"""What a GitHub shows before anybody has mapped it: the repositories there are, their labels and their boards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from github_doubles import TOKEN, opened, scripted, served, shop

from github_apps import app, registered
from trackersync.connector import AuthError, Container, NotFoundError, Sign, Survey, SurveyedBoard, UnavailableError
from trackersync.sandbox import GitHub, answer, github_app
from trackersync.sandbox.github.rights import Credential
from trackersync.sandbox.server import _serving
from trackersync_github import offering

NOBODY: dict[str, Any] = {"token": None, "anonymous": True}


def hub(*names: str) -> tuple[GitHub, ...]:
    """Repositories without labels."""
    return tuple(GitHub(name) for name in names)


def granted(model: GitHub, **rights: Any) -> None:  # noqa: ANN401  # a credential's members
    model.hub.credentials[TOKEN] = Credential(**{"login": "ada-l", **rights})


async def offers(*models: GitHub, **settings: Any) -> tuple[Container, ...]:  # noqa: ANN401  # settings
    async with opened(served(*models), **settings) as it:
        return await it.github.offered()


async def surveyed(*models: GitHub, **settings: Any) -> Survey:  # noqa: ANN401  # settings
    names = settings.pop("repositories", [model.repository for model in models])
    async with opened(served(*models), repositories=names, **settings) as it:
        return await it.github.survey()


# What is offered.


async def test_what_a_user_sees_is_offered_and_what_was_pushed_to_lately_comes_first() -> None:
    models = hub("acme/old", "acme/new", "ada-l/notes", "globex/secret")
    for model, pushed in zip(models, ("2025-01-01", "2026-03-01", "2026-02-01", "2026-03-04"), strict=True):
        model.about.pushed = f"{pushed}T00:00:00Z"
    models[1].create("A")
    models[1].edit(models[1].create("B").number, state="closed")
    models[3].private = True
    granted(models[0], owner="acme")

    assert await offers(*models) == (
        Container("acme/new", items=1, latest=datetime(2026, 3, 1, tzinfo=UTC)),
        Container("ada-l/notes", items=0, latest=datetime(2026, 2, 1, tzinfo=UTC)),
        Container("acme/old", items=0, latest=datetime(2025, 1, 1, tzinfo=UTC)),
    )
    assert models[0].writes == 0


async def test_what_can_have_no_open_work_is_left_out() -> None:
    shown, archived, without = hub("acme/shop", "acme/old", "acme/mirror")
    archived.archived, without.has_issues = True, False
    assert [one.name for one in await offers(shown, archived, without)] == ["acme/shop"]


async def test_an_installation_is_offered_what_it_was_given() -> None:
    models = hub("acme/shop", "acme/pay", "globex/pay")
    models[1].private = True
    granted(models[0], login="", owner="acme")
    assert {one.name for one in await offers(*models)} == {"acme/shop", "acme/pay"}
    assert [request.path for request in models[0].requests] == ["/user", "/installation/repositories"]


async def test_an_app_is_offered_what_its_installation_has() -> None:
    models = hub("acme/shop", "acme/pay")
    models[0].private = True
    installed = registered(models[0]).install("acme", None, "acme/pay")
    # An App's first token is got past the transport of a test.
    with _serving(github_app(*models), 0) as url:
        async with opened(None, url=url, **app(installation=installed.id)) as it:
            assert [one.name for one in await it.github.offered()] == ["acme/pay"]


async def test_an_app_without_its_installation_says_what_to_name() -> None:
    model = shop()
    registered(model).install("acme")
    with pytest.raises(AuthError, match=r"Name a repository, or the installation's number as `app\.installation`"):
        await offers(model, **app())


async def test_no_more_than_a_thousand_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    models = hub(*(f"acme/r{number:03}" for number in range(250)))
    monkeypatch.setattr(offering, "MOST", 150)
    assert len(await offers(*models)) == 150
    assert [request.path for request in models[0].requests].count("/user/repos") == 2


async def test_nobody_has_repositories_to_offer() -> None:
    with pytest.raises(AuthError, match=r"does not know whose repositories to list\. Name one, or set `token`"):
        await offers(*hub("acme/shop"), **NOBODY)


async def test_a_token_that_may_not_list_says_so_as_a_matter_of_the_credential() -> None:
    (model,) = hub("acme/shop")
    model.faults.add(answer(403, '{"message": "Resource not accessible"}'), path=r"/user/repos")
    with pytest.raises(AuthError, match="listing the repositories that the token shows"):
        await offers(model)


# Labels.


async def test_labels_of_several_repositories_are_each_told_once_with_who_has_them() -> None:
    one, other = hub("acme/shop", "acme/pay")
    for label in ("stage: build", "Bug"):
        one.add_label(label)
    for label in ("bug", "blocked"):
        other.add_label(label)
    one.about.notes["stage: build"] = "Somebody  writes\ncode"
    survey = await surveyed(one, other)

    assert set(survey.signs) == {
        Sign("labels", "stage: build", containers=("acme/shop",), note="Somebody writes code"),
        Sign("labels", "Bug"),
        Sign("labels", "blocked", containers=("acme/pay",)),
    }


async def test_labels_are_read_to_the_last_page() -> None:
    (model,) = hub("acme/shop")
    for number in range(150):
        model.add_label(f"label {number:03}")
    assert len((await surveyed(model)).signs) == 150


async def test_a_repository_that_is_not_there_is_named() -> None:
    models = hub("acme/shop")
    with pytest.raises(NotFoundError, match="Check the spelling of acme/nowhere"):
        await surveyed(*models, repositories=["acme/shop", "acme/nowhere"])


async def test_trouble_goes_before_absence() -> None:
    models = hub("acme/shop", "acme/pay")
    models[0].faults.add(answer(503), path=r"/repos/acme/pay/labels", times=9)
    with pytest.raises(UnavailableError, match="503"):
        await surveyed(*models, repositories=["acme/shop", "acme/pay", "acme/nowhere"])


async def test_patterns_are_surveyed_as_what_they_find() -> None:
    models = hub("acme/shop", "acme/pay")
    models[1].add_label("only here")
    (sign,) = (await surveyed(*models, repositories=["acme/*"])).signs
    assert sign == Sign("labels", "only here", containers=("acme/pay",))


async def test_types_of_issues_are_a_remark_and_no_sign() -> None:
    model = shop()
    model.issue_types = ["Bug", "Task"]
    survey = await surveyed(model)
    assert {sign.place for sign in survey.signs} == {"labels"}
    (remark,) = survey.remarks
    assert remark.startswith("acme has issue types (Bug, Task)")


# Boards.


def columns(*names: str) -> tuple[Sign, ...]:
    return tuple(Sign("board", name, rank=rank) for rank, name in enumerate(names))


def project(owner: str, number: int, kind: str = "organization", field: str = "Status") -> dict[str, object]:
    return {"project": {"owner": owner, "number": number, "kind": kind, "field": field}}


async def test_a_board_is_told_with_its_columns_in_order_and_the_settings_that_make_it_count() -> None:
    model = shop()
    for number in (1, 2):
        model.create(f"Issue {number}")
    board = model.boards.add("acme", 5, "Todo", "Doing", "Done").link("acme/shop")
    board.title = "Roadmap"
    for number in (1, 2):
        board.put(number, "Todo")
    survey = await surveyed(model)

    assert survey.boards == (SurveyedBoard("Roadmap", project("acme", 5), columns("Todo", "Doing", "Done"), items=2),)
    assert survey.remarks == ()
    assert model.writes == 0


async def test_what_a_survey_offers_is_what_the_configuration_takes() -> None:
    model = shop()
    model.create("A")
    model.boards.add("acme", 5, "Todo", "Doing").put(1, "Doing")
    (board,) = (await surveyed(model)).boards
    async with opened(served(model), **board.settings) as it:
        assert (await it.items())[0].facts["board"] == ("Doing",)


async def test_boards_of_more_of_the_repositories_come_first_then_fuller_ones() -> None:
    one, other = hub("acme/shop", "acme/pay")
    for number in (1, 2):
        one.create(f"Issue {number}")
    boards = one.boards
    boards.add("acme", 1, "a").title = "owned, empty"
    boards.add("acme", 2, "a").title = "owned, full"
    boards.add("acme", 3, "a").link("acme/shop").title = "linked once"
    boards.add("acme", 4, "a").link("acme/shop", "acme/pay").title = "linked twice"
    boards.add("globex", 5, "a").title = "somebody else's"
    boards.projects[1].put(1)
    closed = boards.add("acme", 6, "a").link("acme/shop")
    closed.closed = True
    survey = await surveyed(one, other)

    assert [board.name for board in survey.boards] == ["linked twice", "linked once", "owned, full", "owned, empty"]


async def test_a_users_board_is_one_of_a_user() -> None:
    (model,) = hub("ada-l/notes")
    model.hub.users.add("ada-l")
    model.boards.add("ada-l", 3, "Todo", kind="user")
    (board,) = (await surveyed(model)).boards
    assert board.settings == project("ada-l", 3, "user")


async def test_status_goes_before_a_choice_that_stands_earlier() -> None:
    model = shop()
    board = model.boards.add("acme", 1, "Todo")
    board.add_field("Priority", "High", "Low")
    board.fields.reverse()
    (survey,) = (await surveyed(model)).boards
    assert survey.signs == columns("Todo")


async def test_without_a_status_another_choice_is_taken_and_without_any_the_board_is_not_one() -> None:
    model = shop()
    phase = model.boards.add("acme", 1)
    phase.fields = [field for field in phase.fields if field.name != "Status"]
    phase.add_field("Phase", "Design", "Build")
    plain = model.boards.add("acme", 2)
    plain.title = "A list"
    survey = await surveyed(model)

    assert [(board.settings, board.signs) for board in survey.boards] == [
        (project("acme", 1, field="Phase"), columns("Design", "Build"))
    ]
    assert survey.remarks == ("the board A list of acme has no single-select field",)


@pytest.mark.parametrize(
    "rights",
    [
        {"scopes": frozenset({"repo"})},
        {"permissions": {"issues": "write"}},
        {"permissions": {"issues": "write"}, "login": ""},
    ],
    ids=["classic without the scope", "fine-grained without the permission", "GITHUB_TOKEN"],
)
async def test_boards_that_may_not_be_seen_are_a_remark_with_the_right_that_is_missing(rights: dict[str, Any]) -> None:
    model = shop()
    model.boards.add("acme", 5, "Todo").link("acme/shop")
    granted(model, **rights)
    survey = await surveyed(model)

    assert survey.boards == ()
    assert len(survey.signs) == 5
    (remark,) = survey.remarks
    assert remark.startswith("no boards of acme may be seen with this token: ")
    for right in ("Projects: read", "read:project", "GITHUB_TOKEN"):
        assert right in remark


async def test_a_board_that_is_hidden_among_others_is_told_of() -> None:
    status = {"name": "Status", "options": [{"name": "Todo"}]}
    shown = {
        "number": 5,
        "title": "Roadmap",
        "closed": False,
        "owner": {"__typename": "Organization", "login": "acme"},
        "items": {"totalCount": 3},
        "fields": {"nodes": [{}, status]},
    }
    refusal = {"type": "FORBIDDEN", "message": "Resource not accessible", "path": ["shown", "projectsV2", "nodes", 0]}
    some = {"data": {"shown": {"projectsV2": {"totalCount": 2, "nodes": [None, shown]}}}, "errors": [refusal]}

    def answered(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/graphql":
            return httpx.Response(200, json=some)
        return httpx.Response(200, json=[])

    async with opened(scripted(answered)) as it:
        survey = await it.github.survey()
    assert survey.boards == (SurveyedBoard("Roadmap", project("acme", 5), columns("Todo"), items=3),)
    (remark,) = survey.remarks
    assert remark.startswith("not all boards of acme may be seen with this token")


async def test_with_the_scope_they_are_seen() -> None:
    model = shop()
    model.boards.add("acme", 5, "Todo")
    granted(model, scopes=frozenset({"repo", "read:project"}))
    assert len((await surveyed(model)).boards) == 1


async def test_nobody_is_told_of_boards_and_none_is_asked_for() -> None:
    model = shop()
    model.boards.add("acme", 5, "Todo").link("acme/shop")
    survey = await surveyed(model, **NOBODY)
    assert len(survey.signs) == 5
    assert survey.boards == ()
    assert survey.remarks == ("boards are shown to nobody without a token: set `token` to see them",)
    assert {request.status for request in model.requests} == {200}


async def test_a_server_without_graphql_has_labels_all_the_same() -> None:
    model = shop()
    model.boards.graphql = False
    survey = await surveyed(model)
    assert len(survey.signs) == 5
    assert survey.remarks == ("this server tells nothing of boards (Projects v2)",)
