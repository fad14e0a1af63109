"""Stages in labels, components and a custom field of Jira: how they are read, and how they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from jira_doubles import CLOUD, FLAVOURS, Open, change, look, opened, raw, within

from trackersync.connector import Change, Item, RejectedError, StaleError, UnavailableError, fold
from trackersync.core.express import passing
from trackersync.sandbox import Options, answer, build, drop, overtaken
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.model import Jira
from trackersync_jira.items import item
from trackersync_jira.shapes import Issue
from trackersync_jira.site import Site
from trackersync_jira.vocabulary import VOCABULARY

STAGE = "customfield_10040"
SITE = Site("jira", "https://acme.example", cloud=True, field=STAGE)
OURS = {"labels": ("in-qa", "in-design"), "components": ("QA", "Design")}
FIELD = {"field": "Delivery stage"}
KEY = "SHOP-42"


@pytest.fixture
def shop() -> Jira:
    model = build(Options())[1]
    model.custom_fields[STAGE] = CustomField(STAGE, "Delivery stage", options=("Design", "QA"))
    model.parts.add("SHOP", "components", "QA", "Design", "Cart")
    model.parts.add("SHOP", "fixVersions", "1.0", "2.0")
    model.edit(KEY, by="ada-l", status="In Progress", labels=("customer",), parts={"components": ("Cart",)})
    return model


def staged(found: Item, **after: str | tuple[str, ...]) -> Change:
    """A change of these facts, ours among other people's."""
    facts = {fact: (values,) if isinstance(values, str) else values for fact, values in after.items()}
    mine = {
        fact: tuple(one for one in found.facts[fact] if fact not in OURS or one.casefold() in fold(OURS[fact]))
        for fact in ("status", *facts)
    }
    return change(found, "stage", facts, before=mine, ours=OURS, fact=next(iter(facts)))


def edits(model: Jira) -> list[tuple[str, str]]:
    """What was sent to change the issue: ``("PUT", "")`` an edit, ``("POST", "transitions")`` a transition."""
    sent = [request for request in model.requests if request.kind == "write"]
    return [(request.method, request.path.rpartition("/issue/")[2].partition("/")[2]) for request in sent]


async def apply(at: Open, model: Jira, **after: str | tuple[str, ...]) -> Item:
    return await at.jira.apply(staged(await look(at, model, KEY), **after))


# Reading.


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ()),
        ({"id": "1", "value": "QA"}, ("QA",)),
        ({"id": "1", "value": "QA", "child": {"value": "Deep"}}, ("QA",)),
        ({"name": "QA"}, ("QA",)),
        ("  In\n QA ", ("In QA",)),
        ("", ()),
        (3, ("3",)),
        ([{"value": "A"}, {"value": "B"}, {"value": "A"}], ("A", "B")),
        ([], ()),
        ({"odd": 1}, ()),
    ],
)
def test_what_a_custom_field_shows(value: object, shown: tuple[str, ...]) -> None:
    issue = msgspec.structs.replace(msgspec.convert(raw(1), Issue), custom={STAGE: value})
    assert item(SITE, issue).facts["field"] == shown


@FLAVOURS
async def test_every_place_is_shown(shop: Jira, flavour: dict[str, Any]) -> None:
    shop.parts.release("SHOP", "1.0")
    parts = {"components": ("Cart", "QA"), "fixVersions": ("2.0",)}
    shop.edit(KEY, by="ada-l", parts=parts, custom={STAGE: shop.custom_fields[STAGE].allowed[1]})
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        shown = (await look(at, shop, KEY)).facts
        assert (shown["components"], shown["field"], shown["released"]) == (("Cart", "QA"), ("QA",), ("unreleased",))
        shop.edit(KEY, by="ada-l", parts={"fixVersions": ("2.0", "1.0")})
        assert (await look(at, shop, KEY)).facts["released"] == ("released",), "it has reached its users in one"
    async with opened(transport=within(shop), **flavour) as at:
        assert "field" not in (await look(at, shop, KEY)).facts
        assert "field" not in at.jira.writes


def test_only_what_a_team_names_is_a_place() -> None:
    optional = {matcher.fact for matcher in VOCABULARY.matchers if matcher.optional}
    assert optional == {"labels", "components", "field", "released", "blocked", "checklist"}


@FLAVOURS
@pytest.mark.parametrize("drawn", [False, True])
async def test_a_workflow_tells_which_statuses_count_as_finished(
    shop: Jira, flavour: dict[str, Any], *, drawn: bool
) -> None:
    shop.may_see_workflows = drawn
    shop.edit(KEY, by="ada-l", status="In Review")
    async with opened(transport=within(shop), **flavour) as at:
        workflow = await at.jira.workflow(await look(at, shop, KEY))

    here = {hop.to: hop.ends for hop in workflow.leaves["In Review"]}
    assert here["Done"]
    assert not here["In Progress"]
    if drawn and "email" in flavour:
        others = [hop for status, hops in workflow.leaves.items() for hop in hops if status != "In Review"]
        assert {hop.to for hop in others if hop.ends} == {"Done"}


# Writing.


@FLAVOURS
@pytest.mark.parametrize(
    ("after", "sent"),
    [
        ({"labels": "in-qa"}, [("PUT", "")]),
        ({"components": "QA"}, [("PUT", "")]),
        ({"field": "QA"}, [("PUT", "")]),
        ({"labels": "in-qa", "components": "QA", "field": "QA"}, [("PUT", "")]),
        ({"status": "In Review", "labels": "in-qa"}, [("PUT", ""), ("POST", "transitions")]),
        ({"status": "Design", "components": "QA"}, [("PUT", ""), ("POST", "transitions")]),
        ({"status": "In Review"}, [("POST", "transitions")]),
    ],
)
async def test_a_stage_is_written_where_it_lives(
    shop: Jira, flavour: dict[str, Any], after: dict[str, str], sent: list[tuple[str, str]]
) -> None:
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        shown = await apply(at, shop, **after)
        assert shown == await look(at, shop, KEY)

    assert edits(shop) == sent
    assert set(shop.issue(KEY).labels) == {"customer", *([after["labels"]] if "labels" in after else [])}
    assert set(shop.issue(KEY).parts["components"]) == {
        "Cart",
        *([after["components"]] if "components" in after else []),
    }
    assert {fact: shown.facts[fact][-1] for fact in after} == after
    assert all("notify" not in request.query for request in shop.requests)


@FLAVOURS
async def test_a_path_is_walked_after_the_edit(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        planned = staged(await look(at, shop, KEY), status="Done", resolution="Done", labels="in-qa")
        shown = await at.jira.apply(replace(planned, path=("In Review",)))

    assert edits(shop) == [("PUT", ""), ("POST", "transitions"), ("POST", "transitions")]
    assert (shown.facts["status"], shown.facts["resolution"]) == (("Done",), ("Done",))
    assert shown.facts["labels"] == ("customer", "in-qa")


@FLAVOURS
async def test_what_is_ours_goes_as_the_issue_spells_it(shop: Jira, flavour: dict[str, Any]) -> None:
    parts = {"components": ("Cart", "QA")}
    option = shop.custom_fields[STAGE].allowed[1]
    shop.edit(KEY, by="ada-l", labels=("customer", "In-QA", "in-design"), parts=parts, custom={STAGE: option})
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        shown = await apply(at, shop, labels=("in-design",), components=(), field=())

    assert shop.issue(KEY).labels == ("customer", "in-design")
    assert (shown.facts["components"], shown.facts["field"]) == (("Cart",), ())


async def test_what_somebody_adds_meanwhile_stays(shop: Jira) -> None:
    def colleague() -> None:
        shop.edit(KEY, by="ada-l", labels=("customer", "urgent"), parts={"components": ("Cart", "Design")})

    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        planned = staged(await look(at, shop, KEY), labels="in-qa", field="QA")
        shop.faults.add(overtaken(colleague), method="PUT")
        await at.jira.apply(planned)

    assert set(shop.issue(KEY).labels) == {"customer", "urgent", "in-qa"}
    assert shop.issue(KEY).parts["components"] == ("Cart", "Design")


async def test_components_are_found_in_any_spelling(shop: Jira) -> None:
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        shown = await apply(at, shop, components="qa", field="qa")
    assert (shown.facts["components"], shown.facts["field"]) == (("Cart", "QA"), ("QA",))


# What cannot be written is told before anything is.


@FLAVOURS
@pytest.mark.parametrize(
    ("after", "off", "words"),
    [
        ({"components": "Web"}, (), 'no component "Web"; there are: QA, Design, Cart'),
        ({"field": "Ops"}, (), 'Delivery stage does not offer "Ops"; offered: Design, QA'),
        ({"labels": "in-qa"}, ("labels",), "labels may not be edited: it is not on the edit screen"),
        ({"field": "QA"}, (STAGE,), f"`field` \\({STAGE}\\) may not be edited"),
        ({"status": "In Review", "components": "Web"}, (), 'no component "Web"'),
        ({"status": "In Review", "labels": "in-qa"}, ("labels",), "not on the edit screen"),
        ({"status": "Support", "labels": "in-qa"}, (), "no transition from In Progress to Support"),
        ({"resolution": "Done", "labels": "in-qa"}, (), "takes labels and resolution|takes resolution only together"),
    ],
)
async def test_what_cannot_be_written_is_refused_whole(
    shop: Jira, flavour: dict[str, Any], after: dict[str, str], off: tuple[str, ...], words: str
) -> None:
    shop.off_screen = frozenset(off)
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        with pytest.raises(RejectedError, match=words) as caught:
            await apply(at, shop, **after)

    assert not caught.value.partly
    assert "Nothing was written" in str(caught.value)
    assert edits(shop) == []


async def test_a_field_that_is_not_configured_is_refused(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        found = await look(at, shop, KEY)
        planned = replace(staged(found, labels="in-qa"), after={"field": ("QA",)})
        with pytest.raises(RejectedError, match="add `field` to this tracker"):
            await at.jira.apply(planned)
    assert edits(shop) == []


async def test_a_field_of_several_choices_is_refused(shop: Jira) -> None:
    shop.custom_fields[STAGE] = CustomField(STAGE, "Stages", "array", "option", "multiselect", ("Design", "QA"))
    async with opened(transport=within(shop), field=STAGE, **CLOUD) as at:
        with pytest.raises(RejectedError, match="Stages holds several values, and a stage is one"):
            await apply(at, shop, field="QA")


async def test_what_this_tracker_may_not_write_is_not_sent(shop: Jira) -> None:
    async with opened(transport=within(shop), writes=("owners",), **FIELD, **CLOUD) as at:
        with pytest.raises(Exception, match="stage"):
            await apply(at, shop, labels="in-qa")
    assert edits(shop) == []


async def test_somebody_faster_is_noticed(shop: Jira) -> None:
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        planned = staged(await look(at, shop, KEY), labels="in-qa")
        shop.edit(KEY, by="ada-l", labels=("in-design",))
        with pytest.raises(StaleError):
            await at.jira.apply(planned)
    assert edits(shop) == []


# Half of it.


@FLAVOURS
async def test_a_transition_refused_after_the_edit_is_half(shop: Jira, flavour: dict[str, Any]) -> None:
    shop.faults.add(answer(403, '{"errorMessages": ["No."]}'), method="POST", path="/transitions$")
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        with pytest.raises(RejectedError, match=r"stands in In Progress now|Nothing more was written") as caught:
            await apply(at, shop, status="In Review", labels="in-qa")

    assert caught.value.partly
    assert caught.value.hop == ("In Progress", "In Review")
    assert (shop.issue(KEY).status, set(shop.issue(KEY).labels)) == ("In Progress", {"customer", "in-qa"})


async def test_conflicts_without_end_after_the_edit_are_in_doubt(shop: Jira) -> None:
    shop.faults.add(answer(409, '{"errorMessages": ["No."]}'), method="POST", path="/transitions$", times=3)
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        with pytest.raises(UnavailableError, match="is half written") as caught:
            await apply(at, shop, status="In Review", labels="in-qa")
    assert caught.value.in_doubt
    assert (shop.issue(KEY).status, set(shop.issue(KEY).labels)) == ("In Progress", {"customer", "in-qa"})


async def test_somebody_who_moves_it_after_the_edit_leaves_half_of_ours(shop: Jira) -> None:
    """No hop was made, but the labels are ours: told as stale they would pass for a person's."""

    def moved(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST" or not request.url.path.endswith("/transitions"):
            return None
        shop.edit(KEY, by="ada-l", status="Done")
        return httpx.Response(409, json={"errorMessages": ["Conflict."]})

    async def serve(request: httpx.Request) -> httpx.Response:
        return moved(request) or await within(shop).handle_async_request(request)

    async with opened(transport=httpx.MockTransport(serve), **FIELD, **CLOUD) as at:
        with pytest.raises(UnavailableError, match=r"is half written.*moved to Done by somebody else") as caught:
            await apply(at, shop, status="In Review", labels="in-qa")
    assert caught.value.in_doubt
    assert set(shop.issue(KEY).labels) == {"customer", "in-qa"}


@pytest.mark.parametrize("status", [404, 409])
async def test_an_edit_that_fails_after_the_move_says_where_the_issue_is(shop: Jira, status: int) -> None:
    shop.locked = frozenset({"In Progress"})
    shop.faults.add(answer(status, '{"errorMessages": ["No."]}'), method="PUT")
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        with pytest.raises(UnavailableError, match="It is in In Review now; labels stayed as before") as caught:
            await apply(at, shop, status="In Review", labels="in-qa")
    assert caught.value.in_doubt
    assert "Nothing was written" not in str(caught.value)
    assert (shop.issue(KEY).status, shop.issue(KEY).labels) == ("In Review", ("customer",))


@pytest.mark.parametrize("trouble", [answer(503), drop(), answer(401)], ids=["503", "dropped", "401"])
async def test_a_transition_lost_after_the_edit_is_in_doubt(shop: Jira, trouble: Any) -> None:  # noqa: ANN401
    shop.faults.add(trouble, method="POST", path="/transitions$", times=9)
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        with pytest.raises(UnavailableError) as caught:
            await apply(at, shop, status="In Review", labels="in-qa")
    assert caught.value.in_doubt


async def test_an_edit_that_jira_drops_ends_it_before_the_transition(shop: Jira) -> None:
    shop.faults.add(answer(204), method="PUT")
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        with pytest.raises(RejectedError, match="labels is nothing now, not in-qa") as caught:
            await apply(at, shop, status="In Review", labels="in-qa")
    assert not caught.value.partly
    assert shop.issue(KEY).status == "In Progress"


@FLAVOURS
async def test_an_issue_that_its_status_locks_is_moved_first(shop: Jira, flavour: dict[str, Any]) -> None:
    shop.locked = frozenset({"In Progress"})
    async with opened(transport=within(shop), **FIELD, **flavour) as at:
        shown = await apply(at, shop, status="In Review", labels="in-qa")
    assert edits(shop) == [("POST", "transitions"), ("PUT", "")]
    assert shown.facts["labels"] == ("customer", "in-qa")


async def test_one_that_may_not_be_edited_there_either_is_half_written(shop: Jira) -> None:
    shop.locked = frozenset({"In Progress", "In Review"})
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        with pytest.raises(RejectedError, match="It is in In Review now; labels stayed as before") as caught:
            await apply(at, shop, status="In Review", labels="in-qa")
    assert caught.value.partly
    assert (shop.issue(KEY).status, shop.issue(KEY).labels) == ("In Review", ("customer",))


async def test_one_that_nobody_may_edit_is_refused(shop: Jira) -> None:
    shop.may_edit = False
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        with pytest.raises(RejectedError, match='not the permission "Edit issues"') as caught:
            await apply(at, shop, labels="in-qa")
    assert not caught.value.partly


@pytest.mark.parametrize("locked", [(), ("In Progress",)], ids=["edited first", "moved first"])
async def test_base_foresees_every_state_on_the_way(shop: Jira, locked: tuple[str, ...]) -> None:
    """Whatever is lost in the middle: what the issue shows then was foreseen, so that it is not a person's move."""
    shop.locked = frozenset(locked)
    shop.edit(KEY, by="ada-l", labels=("customer", "in-design"), custom={STAGE: shop.custom_fields[STAGE].allowed[0]})
    facts = ("status", "resolution", "labels", "field")
    async with opened(transport=within(shop), **FIELD, **CLOUD) as at:
        found = await look(at, shop, KEY)
        planned = staged(found, status="In Review", labels="in-qa", field="QA")
        foreseen = [{fact: fold(native[fact]) for fact in facts} for native in passing(found, planned, facts)]
        await at.jira.apply(planned)
        past = shop.issue(KEY).history
        assert len(past) >= 2
        for edit in shop.edits[-2:]:
            option = (edit.after.custom[STAGE] or {}).get("value")
            seen = {"status": edit.after.status, "field": option}
            state = {fact: fold([value]) for fact, value in seen.items() if value}
            state |= {"labels": fold(edit.after.labels), "resolution": frozenset()}
            assert state in foreseen
