"""Issue field, issue type, milestone, duplicates and pull requests: read by name, written by what GitHub wants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from github_board_doubles import PROJECT, boarded, to
from github_doubles import NOON, change, opened, owner_change, row, scripted, served
from httpx import Request, Response
from msgspec import convert

from trackersync.connector import RejectedError, UnavailableError
from trackersync.core.express import passing
from trackersync.sandbox import GitHub, answer, powerless
from trackersync_github.fields import Definition
from trackersync_github.places import Resolved
from trackersync_github.steps import Step, steps_of
from trackersync_github.vocabulary import VOCABULARY
from trackersync_github.wire import Issue, item_of


@pytest.fixture
def model() -> GitHub:
    model, _ = boarded()
    model.edit(1, type="Bug", milestone=1, fields=((71, "Design"), (72, "High")))
    model.requests.clear()
    return model


def bodies(model: GitHub) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in model.requests if request.kind == "write"]


# Reading.


async def test_an_issue_shows_its_field_type_and_milestone_whichever_way_it_comes(model: GitHub) -> None:
    async with opened(served(model), field="phase") as it:
        listed = await it.items()
        looked = [await it.item(item.ref) for item in listed]
    assert [listed[0].facts[fact] for fact in ("field", "type", "milestone")] == [("Design",), ("Bug",), ("v1",)]
    assert [listed[1].facts[fact] for fact in ("field", "type", "milestone")] == [(), (), ()]
    assert looked == listed


async def test_a_field_that_is_not_there_is_named_with_those_that_are(model: GitHub) -> None:
    async with opened(served(model), field="Stage") as it:
        pages, error = await it.until_error()
    assert not any(page.complete or page.items for page in pages)
    assert "Stage is no issue field of acme. Single-select fields there are: Phase, Priority." in str(error)


async def test_where_there_are_no_issue_fields_that_is_said_and_no_empty_field_shown(model: GitHub) -> None:
    model.issue_fields = []
    model.edit(1, fields=())
    async with opened(served(model), field="Phase") as it:
        pages, error = await it.until_error()
    assert not any(page.complete or page.items for page in pages)
    assert "its issue fields cannot be read" in str(error)
    assert "Only organisations have them" in str(error)


async def test_a_token_that_may_not_see_the_definitions_reads_the_values_by_name(model: GitHub) -> None:
    model.faults.add(answer(403, '{"message": "Must have admin rights"}'), path="/issue-fields$", times=99)
    async with opened(served(model), field="phase") as it:
        listed = await it.items()
        assert [item.facts["field"] for item in listed] == [("Design",), (), ()]
        with pytest.raises(RejectedError, match="cannot be read, so none can be set; nothing was written"):
            await it.github.apply(to(listed[0], field=("Build",)))
    assert model.writes == 0


async def test_a_field_in_which_nothing_is_chosen_by_name_is_no_place() -> None:
    def reply(request: Request) -> Response:
        if request.url.path.endswith("/issue-fields"):
            return Response(200, json=[{"id": 1, "node_id": "x", "name": "Effort", "data_type": "number"}])
        return Response(200, json={"id": 5, "full_name": "acme/shop"} if request.url.path.count("/") == 3 else [])

    async with opened(scripted(reply), field="Effort") as it:
        with pytest.raises(RejectedError, match="Effort is a field of acme, but none of kind single_select"):
            await it.github._completing.supplements[0].facts([], "acme/shop", fresh=True)


async def test_nothing_is_asked_of_fields_that_are_not_configured(model: GitHub) -> None:
    async with opened(served(model)) as it:
        assert "field" not in (await it.items())[0].facts
    assert not any("issue-fields" in request.path for request in model.requests)


# Writing.


async def test_a_field_is_set_and_the_others_stay(model: GitHub) -> None:
    async with opened(served(model), field="Phase") as it:
        item = (await it.items())[0]
        shown = await it.github.apply(to(item, field=("build",)))
        assert shown == await it.item(item.ref)
    assert dict(model.issue(1).fields) == {71: "Build", 72: "High"}
    assert bodies(model) == [("POST", "/repos/acme/shop/issues/1/issue-field-values")]


async def test_a_field_is_emptied_alone(model: GitHub) -> None:
    async with opened(served(model), field="Phase") as it:
        item = (await it.items())[0]
        assert (await it.github.apply(to(item, field=()))).facts["field"] == ()
    assert dict(model.issue(1).fields) == {72: "High"}
    assert bodies(model) == [("DELETE", "/repos/acme/shop/issues/1/issue-field-values/71")]


def test_a_field_is_set_as_content_that_people_are_told_of() -> None:
    """GitHub, OpenAPI: `triggersNotification` on writing issue-field-values, and not on labels or the issue itself."""
    item = item_of(convert(row(1, NOON, labels=[{"name": "stage: idea"}]), Issue), "github", 1, "acme/shop")
    item = replace(item, facts={**item.facts, "field": ("Idea",)})
    for option, method in (("Build", "POST"), (None, "DELETE")):
        wanted = {"field": (option,) if option else (), "labels": ("stage: build",)}
        moved = change(item, "stage", "field", {"field": ("Idea",), "labels": ("stage: idea",)}, wanted)
        steps = steps_of(moved, item, Resolved(option=option, field=Definition(71, "Phase", ("Idea", "Build"))))
        sent = [(one.method, one.path.split("/")[1], one.creates) for one in steps if isinstance(one, Step)]
        assert (method, "issue-field-values", True) in sent
        assert [creates for _, path, creates in sent if path == "labels"] == [False, False]


async def test_type_and_milestone_are_set_and_taken_away_by_name(model: GitHub) -> None:
    async with opened(served(model)) as it:
        item = (await it.items())[0]
        # The milestone is on the second page of a hundred, and closed ones count too.
        item = await it.github.apply(to(item, type=("feature",), milestone=("V130",)))
        assert (item.facts["type"], item.facts["milestone"]) == (("Feature",), ("v130",))
        item = await it.github.apply(to(item, type=(), milestone=()))
    assert (model.issue(1).type, model.issue(1).milestone) == (None, None)
    assert model.issue(1).labels == ("bug",)


async def test_milestones_are_asked_for_once_and_a_new_one_is_found(model: GitHub) -> None:
    async with opened(served(model)) as it:
        item = (await it.items())[1]
        for title in ("v2", "v3"):
            item = await it.github.apply(to(item, milestone=(title,)))
        asked = [request.query for request in model.requests if request.path.endswith("/milestones")]
        model.milestones[131] = "v131"
        item = await it.github.apply(to(item, milestone=("v131",)))
    assert len(asked) == 2
    assert "state=all" in asked[0]
    assert item.facts["milestone"] == ("v131",)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"type": ("Epic",)},
            "There is no issue type Epic in acme/shop; nothing was written. There are: Bug, Feature.",
        ),
        ({"milestone": ("v0",)}, "There is no milestone v0 in acme/shop; nothing was written. There are: v1, v2, "),
        (
            {"field": ("Test",)},
            "There is no option Test in Phase of acme; nothing was written. There are: Design, Build.",
        ),
        ({"board": ("Done",)}, "board cannot be written, since the configuration does not say which one"),
    ],
)
async def test_a_name_that_github_does_not_know_is_refused_with_those_it_knows(
    model: GitHub, wanted: dict[str, tuple[str, ...]], words: str
) -> None:
    async with opened(served(model), field="Phase") as it:
        item = (await it.items())[1]
        with pytest.raises(RejectedError) as caught:
            await it.github.apply(to(item, labels=("stage: build",), **wanted))
    assert words in str(caught.value)
    assert not caught.value.partly
    assert model.writes == 0


async def test_a_repository_without_types_says_so(model: GitHub) -> None:
    model.edit(1, type=None)
    model.issue_types = []
    async with opened(served(model)) as it:
        item = (await it.items())[0]
        with pytest.raises(RejectedError, match="acme/shop has no issue types, so Bug cannot be set"):
            await it.github.apply(to(item, type=("Bug",)))
    assert model.writes == 0


@pytest.mark.parametrize("wanted", [{"type": ("Feature",)}, {"milestone": ("v2",)}, {"type": ()}, {"milestone": ()}])
async def test_what_github_drops_without_push_is_noticed(model: GitHub, wanted: dict[str, tuple[str, ...]]) -> None:
    async with opened(served(model)) as it:
        item = (await it.items())[0]
        model.push = False
        with pytest.raises(RejectedError, match="dropped it without a word"):
            await it.github.apply(to(item, **wanted))
    assert (model.issue(1).type, model.issue(1).milestone) == ("Bug", 1)


async def test_a_field_that_is_dropped_without_a_word_is_noticed(model: GitHub) -> None:
    async with opened(served(model), field="Phase") as it:
        item = (await it.items())[0]
        model.faults.add(powerless(), kind="write")
        with pytest.raises(RejectedError, match="dropped it without a word") as caught:
            await it.github.apply(to(item, field=("Build",)))
    assert not caught.value.partly


async def test_a_field_without_push_is_refused_by_github_itself(model: GitHub) -> None:
    async with opened(served(model), field="Phase") as it:
        item = (await it.items())[0]
        model.push = False
        with pytest.raises(RejectedError, match="must have push access"):
            await it.github.apply(to(item, field=("Build",)))


async def test_the_state_comes_after_all_other_places_and_the_old_label_last(model: GitHub) -> None:
    model.edit(1, labels=["bug", "stage: idea"])
    async with opened(served(model), field="Phase") as it:
        item = (await it.items())[0]
        wanted = {"labels": (), "type": ("Feature",), "milestone": ("v2",), "field": ("Build",)}
        closing = {"state": ("closed",), "reason": ("completed",)}
        await it.github.apply(to(item, **wanted, **closing))
    issue = "/repos/acme/shop/issues/1"
    assert bodies(model) == [
        ("POST", f"{issue}/issue-field-values"),
        ("PATCH", issue),
        ("PATCH", issue),
        ("PATCH", issue),
        ("DELETE", f"{issue}/labels/stage: idea"),
    ]
    assert model.issue(1).state == "closed"


@pytest.mark.parametrize("skip", range(7))
async def test_a_change_that_is_stopped_anywhere_shows_what_base_expects_and_goes_on(model: GitHub, skip: int) -> None:
    model.edit(1, labels=["bug", "stage: idea"])
    project = model.boards.projects[0]
    async with opened(served(model), field="Phase", project=PROJECT) as it:
        item = (await it.items())[0]
        wanted = {"labels": ("stage: build",), "board": ("Done",), "field": ("Build",), "type": ("Feature",)}
        wanted |= {"milestone": ("v2",), "state": ("closed",), "reason": ("completed",)}
        change = to(item, **wanted)
        passed = passing(item, change, wanted, ("reason",))
        model.faults.add(answer(500), kind="write", skip=skip)
        with pytest.raises(UnavailableError):
            await it.github.apply(change)
        half = await it.item(item.ref)
        assert model.writes == skip + 1
        shown = {fact: set(half.facts[fact]) for fact in wanted}
        assert shown in [{fact: set(values) for fact, values in native.items()} for native in passed]
        # What a plan would say from there on: the same wish, with what is shown now before it.
        whole = await it.github.apply(to(half, **{fact: values for fact, values in wanted.items()
                                                  if set(half.facts[fact]) - {"bug"} != set(values)}))  # fmt: skip
    assert {fact: whole.facts[fact] for fact in wanted} == wanted | {"labels": ("bug", "stage: build")}
    assert project.shown(1) == "Done"


# Duplicates.


async def test_a_duplicate_is_closed_with_the_issue_it_repeats(model: GitHub) -> None:
    model.duplicates[2] = 1
    async with opened(served(model)) as it:
        item = (await it.items())[1]
        shown = await it.github.apply(to(item, state=("closed",), reason=("duplicate",)))
    assert shown.facts["reason"] == ("duplicate",)
    assert VOCABULARY.alike["reason", "duplicate"] == "not_planned"


@pytest.mark.parametrize("graphql", [True, False])
async def test_a_duplicate_of_nobody_knows_what_is_refused(model: GitHub, graphql: bool) -> None:
    model.boards.graphql = graphql
    async with opened(served(model)) as it:
        item = (await it.items())[1]
        with pytest.raises(RejectedError, match="nobody has said which one that is; nothing was written"):
            await it.github.apply(to(item, state=("closed",), reason=("duplicate",)))
    assert model.writes == 0


# Pull requests.


async def test_a_pull_request_takes_labels_and_owners_but_no_state(model: GitHub) -> None:
    model.create("A pull request", pull=True)
    async with opened(served(model), pull_requests=True) as it:
        item = next(item for item in await it.items() if item.key.endswith("#4"))
        item = await it.github.apply(to(item, labels=("stage: build",)))
        item = await it.github.apply(owner_change(item, "ada-l"))
        with pytest.raises(RejectedError, match="#4 is a pull request, and those are closed by merging or by people"):
            await it.github.apply(to(item, state=("closed",), labels=()))
    assert (model.issue(4).labels, model.issue(4).assignees) == (("stage: build",), ("ada-l",))
    assert model.issue(4).state == "open"


async def test_an_issue_of_a_host_that_does_not_name_its_fields_cannot_be_told_from_an_empty_one() -> None:
    def reply(request: Request) -> Response:
        if request.url.path.endswith("/issue-fields"):
            return Response(404, json={"message": "Not Found"})
        from github_doubles import NOON  # noqa: PLC0415  # next to what it is for

        values = [{"issue_field_id": 7, "node_id": "x", "data_type": "single_select", "value": "Build"}]
        rows = [row(1, NOON, issue_field_values=values)]
        return Response(200, json={"id": 5, "full_name": "acme/shop"} if request.url.path.count("/") == 3 else rows)

    async with opened(scripted(reply), field="Phase") as it:
        pages, error = await it.until_error()
    assert not any(page.items for page in pages)
    assert "its issue fields cannot be read" in str(error)
