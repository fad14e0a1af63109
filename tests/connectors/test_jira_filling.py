"""What transitions' screens are filled in with: the form of each value, the configured rules, what is sent."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from jira_doubles import CLOUD, DATA_CENTER, FLAVOURS, Open, look, opened, to, within
from pydantic import ValidationError

from trackersync.connector import RejectedError
from trackersync.sandbox import Options, build
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.workflow import Transition as Way
from trackersync.sandbox.jira.workflow import Workflow
from trackersync.sandbox.shop import workflow
from trackersync_jira import JiraSettings
from trackersync_jira.filling import Filling, UnfitError
from trackersync_jira.shapes import ScreenField

TEXTAREA = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"
CHOICES = [{"id": "10", "value": "Unknown"}, {"id": "11", "value": "10"}, {"id": "12", "value": "Code", "children": [
    {"id": "20", "value": "Typo"}, {"id": "21", "value": "Design"}]}]  # fmt: skip
NAMED = [{"id": "3", "name": "Done"}, {"id": "4", "name": "3"}]


def field(kind: str, *, offers: list[Any] | None = None, **schema: str) -> ScreenField:
    given = {"name": "Some field", "required": True, "schema": {"type": kind, **schema}}
    return msgspec.convert(given | ({} if offers is None else {"allowedValues": offers}), ScreenField)


@pytest.mark.parametrize(
    ("asked", "value", "cloud", "data_center"),
    [
        pytest.param(field("resolution", offers=NAMED), "done", {"id": "3"}, {"id": "3"}, id="resolution by name"),
        pytest.param(field("resolution", offers=NAMED), "3", {"id": "4"}, {"id": "4"}, id="a name that is an id too"),
        pytest.param(field("resolution", offers=NAMED), 4, {"id": "4"}, {"id": "4"}, id="resolution by id"),
        pytest.param(field("resolution"), "Done", {"name": "Done"}, {"name": "Done"}, id="resolution without a list"),
        pytest.param(field("option", offers=CHOICES), "UNKNOWN", {"id": "10"}, {"id": "10"}, id="option by value"),
        pytest.param(field("option", offers=CHOICES), 10, {"id": "11"}, {"id": "11"}, id="a value before an id"),
        pytest.param(field("option", offers=CHOICES), "12", {"id": "12"}, {"id": "12"}, id="option by id"),
        pytest.param(field("option"), "New", {"value": "New"}, {"value": "New"}, id="option without a list"),
        pytest.param(
            field("array", items="option", offers=CHOICES), ["Code", "Unknown"], [{"id": "12"}, {"id": "10"}],
            [{"id": "12"}, {"id": "10"}], id="several options",
        ),
        pytest.param(
            field("array", items="version", offers=[{"id": "7", "name": "1.0"}]), "1.0", [{"id": "7"}], [{"id": "7"}],
            id="one version for a list",
        ),
        pytest.param(
            field("array", items="component"), ["Checkout"], [{"name": "Checkout"}], [{"name": "Checkout"}],
            id="components without a list",
        ),
        pytest.param(field("array", items="string"), ["a", "b"], ["a", "b"], ["a", "b"], id="labels"),
        pytest.param(field("array", items="string", offers=[]), "a", ["a"], ["a"], id="labels with an empty offer"),
        pytest.param(field("priority"), "High", {"name": "High"}, {"name": "High"}, id="priority"),
        pytest.param(field("user"), "ada", {"accountId": "ada"}, {"name": "ada"}, id="user"),
        pytest.param(
            field("array", items="user"), ["ada"], [{"accountId": "ada"}], [{"name": "ada"}], id="several users"
        ),
        pytest.param(field("group"), "jira-users", {"name": "jira-users"}, {"name": "jira-users"}, id="group"),
        pytest.param(field("project"), "OPS", {"key": "OPS"}, {"key": "OPS"}, id="project"),
        pytest.param(field("number"), 3, 3, 3, id="number"),
        pytest.param(field("number"), "2.5", 2.5, 2.5, id="number as text"),
        pytest.param(field("date"), "2026-03-05", "2026-03-05", "2026-03-05", id="date"),
        pytest.param(
            field("datetime"), "2026-03-05T09:00:00+01:00", "2026-03-05T09:00:00.000+0100",
            "2026-03-05T09:00:00.000+0100", id="time",
        ),
        pytest.param(field("string"), 7, "7", "7", id="text"),
        pytest.param(
            field("string", custom=TEXTAREA), "One.\n\nTwo.",
            {"type": "doc", "version": 1, "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "One."}]}, {"type": "paragraph"},
                {"type": "paragraph", "content": [{"type": "text", "text": "Two."}]}]},
            "One.\n\nTwo.", id="long text",
        ),
        pytest.param(
            field("option-with-child", offers=CHOICES), ["Code", "typo"], {"id": "12", "child": {"id": "20"}},
            {"id": "12", "child": {"id": "20"}}, id="choice of two levels",
        ),
        pytest.param(field("option-with-child", offers=CHOICES), "Code", {"id": "12"}, {"id": "12"}, id="one level"),
        pytest.param(
            field("option-with-child"), ["A", "B"], {"value": "A", "child": {"value": "B"}},
            {"value": "A", "child": {"value": "B"}}, id="two levels without a list",
        ),
        pytest.param(ScreenField("Old"), "x", "x", "x", id="a server that tells no type"),
    ],
)  # fmt: skip
def test_the_form_of_a_value(asked: ScreenField, value: Any, cloud: object, data_center: object) -> None:  # noqa: ANN401  # as configured
    assert Filling({}, cloud=True).json(asked, value) == cloud
    assert Filling({}, cloud=False).json(asked, value) == data_center


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        (field("option", offers=CHOICES), "Nope", 'does not offer "Nope"; offered: Unknown, 10, Code'),
        (field("resolution", offers=[]), "Done", 'does not offer "Done"; offered: none'),
        (field("option", offers=[{"id": str(n), "value": f"v{n}"} for n in range(50)]), "x", "v19, …$"),
        (
            field("option-with-child", offers=CHOICES),
            ["Code", "X"],
            'not offer "X" below "Code"; offered: Typo, Design',
        ),
        (field("option-with-child", offers=CHOICES), ["Unknown", "X"], 'below "Unknown"; offered: none'),
        (field("option-with-child"), ["a", "b", "c"], "a choice and perhaps one below"),
        (field("number"), "many", 'takes a number, not "many"'),
        (field("date"), "20260305", "takes a day as in 2026-03-05"),
        (field("date"), "2026-02-30", "takes a day as in 2026-03-05"),
        (field("datetime"), "2026-03-05T09:00:00", "with its zone"),
        (field("string"), ["a"], "takes one value, not a list"),
        (field("sd-approvals"), "a", 'of the type "sd-approvals", which is not filled in'),
    ],
)
def test_a_value_that_does_not_fit(asked: ScreenField, value: Any, words: str) -> None:  # noqa: ANN401  # as configured
    with pytest.raises(UnfitError, match=words):
        Filling({}, cloud=True).json(asked, value)


def test_which_rule_counts() -> None:
    rules = {
        "*": {"Root cause": "all", "customfield_1": "all by id", "Note": "all"},
        "done": {"ROOT CAUSE": "done", "customfield_2": "done by id"},
    }
    filling = Filling(rules, cloud=True)
    cause = ScreenField("Root cause")
    assert filling.value("Done", "customfield_9", cause) == "done"
    assert filling.value("Released", "customfield_9", cause) == "all"
    assert filling.value("Released", "customfield_1", cause) == "all by id"
    # A rule for the status comes before one for all, whatever they name the field by.
    assert filling.value("Done", "customfield_1", cause) == "done"
    assert filling.value("Done", "customfield_2", ScreenField("Note")) == "done by id"
    assert filling.value("Done", "customfield_3", ScreenField("Other")) is None


# The configuration.


def settings(fill: object) -> JiraSettings:
    words = {"connector": "jira", "url": "http://127.0.0.1", "projects": ["SHOP"], "token": "x", "fill": fill}
    return JiraSettings.model_validate(words)


def test_what_may_be_configured() -> None:
    given = {"*": {"resolution": "Done"}, "Done": {"Points": 3, "Tags": ["a", 2], "Day": date(2026, 3, 5)}}
    assert settings(given).fill == {
        "*": {"resolution": "Done"},
        "Done": {"Points": 3, "Tags": ["a", 2], "Day": "2026-03-05"},
    }


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        ("Done", "write the status"),
        ({"resolution": "Done"}, '"resolution" is to be a status with fields below it: write the status'),
        ({"Done": {"Reviewed": True}}, 'the value of "Reviewed" as true or false: put it in quotes, as in "Yes"'),
        ({"Done": {"Reviewed": None}}, '"Reviewed" takes a text'),
        ({"Done": {"Reviewed": ""}}, '"Reviewed" takes a text'),
        ({"Done": {"Reviewed": []}}, "nothing is ever emptied"),
        ({"Done": {"Reviewed": [["a"]]}}, '"Reviewed" takes a text'),
        ({"Done": {1: "a"}}, '"1" is no name of a field: put it in quotes'),
        ({"": {"a": "a"}}, "no name of a status"),
        ({"Done": {}, "DONE": {}}, '`fill` names the status "DONE" twice'),
        ({"Done": {"a": 1, "A": 2}}, 'below "Done" there is the field "A" twice'),
    ],
)
def test_what_may_not_be_configured(fill: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings(fill)


# What is sent, to a stand-in whose screen insists.


CAUSE = CustomField("customfield_10040", "Root cause", options=("Unknown", "Code"))
POINTS = CustomField("customfield_10050", "Points", "number", kind="float")
NOTE = CustomField("customfield_10060", "Note", "string", kind="textarea")
SCREEN = ("resolution", CAUSE.id, POINTS.id, NOTE.id)


def demanding(*ways: Way) -> Jira:
    asks = Way("5", "Finish", "Done", screen=SCREEN, required=frozenset({"resolution", CAUSE.id, NOTE.id}))
    model = build(Options())[1]
    model.workflows["SHOP"] = Workflow(workflow().statuses, ways or (asks,))
    model.custom_fields = {one.id: one for one in (CAUSE, POINTS, NOTE)}
    return model


FILL = {"*": {"resolution": "Duplicate", "Root cause": "Code"}, "Done": {CAUSE.id: "unknown", "Note": "By us."}}


async def finish(at: Open, model: Jira, resolution: str | None = None) -> None:
    await at.jira.apply(to(await look(at, model, "SHOP-42"), "Done", resolution))


@FLAVOURS
async def test_a_screen_is_filled_in_by_rule(flavour: dict[str, Any]) -> None:
    model = demanding()
    async with opened(transport=within(model), fill=FILL, **flavour) as at:
        await finish(at, model)
    issue = model.issue("SHOP-42")
    assert (issue.status, issue.resolution) == ("Done", "Duplicate")
    assert issue.custom[CAUSE.id]["value"] == "Unknown"
    # Optional, and nothing is configured for it.
    assert POINTS.id not in issue.custom
    assert issue.custom[NOTE.id] == "By us." if flavour is DATA_CENTER else issue.custom[NOTE.id]["type"] == "doc"


async def test_a_stages_own_resolution_comes_first() -> None:
    model = demanding()
    async with opened(transport=within(model), fill=FILL, **CLOUD) as at:
        await finish(at, model, "Won't Do")
    assert model.issue("SHOP-42").resolution == "Won't Do"


async def test_what_the_issue_holds_is_left_as_it_is() -> None:
    model = demanding()
    model.edit("SHOP-42", custom={CAUSE.id: CAUSE.allowed[1], POINTS.id: 0}, by="ada-l")
    fill = {**FILL, "Done": {**FILL["Done"], "Points": 5}}
    async with opened(transport=within(model), fill=fill, **CLOUD) as at:
        await finish(at, model)
    issue = model.issue("SHOP-42")
    assert issue.custom[CAUSE.id]["value"] == "Code"
    # Nought is something.
    assert issue.custom[POINTS.id] == 0


async def test_what_is_not_on_the_screen_is_not_sent() -> None:
    model = demanding(Way("5", "Finish", "Done"))
    async with opened(transport=within(model), fill=FILL, **CLOUD) as at:
        await finish(at, model)
    issue = model.issue("SHOP-42")
    assert (issue.status, issue.resolution, issue.custom) == ("Done", None, {})


async def test_a_default_needs_no_rule() -> None:
    model = demanding(
        Way("5", "Finish", "Done", screen=(CAUSE.id,), required=frozenset({CAUSE.id}), defaults=frozenset({CAUSE.id}))
    )
    async with opened(transport=within(model), **CLOUD) as at:
        item = await look(at, model, "SHOP-42")
        assert [hop.needs for hops in (await at.jira.workflow(item)).leaves.values() for hop in hops] == [()] * 13
        await finish(at, model)
    assert model.issue("SHOP-42").custom[CAUSE.id]["value"] == "Unknown"


async def test_of_two_transitions_the_one_that_can_be_filled_in() -> None:
    model = demanding(
        Way("5", "Ask", "Done", screen=(CAUSE.id, NOTE.id), required=frozenset({CAUSE.id, NOTE.id})),
        Way("6", "Ask less", "Done", screen=(NOTE.id,), required=frozenset({NOTE.id})),
    )
    async with opened(transport=within(model), fill={"*": {"Note": "By us."}}, **CLOUD) as at:
        await finish(at, model)
    assert CAUSE.id not in model.issue("SHOP-42").custom


async def test_a_value_that_is_not_on_offer_names_those_that_are() -> None:
    model = demanding()
    fill = {"Done": {**FILL["Done"], "resolution": "Done", CAUSE.id: "Weather"}}
    async with opened(transport=within(model), fill=fill, **CLOUD) as at:
        with pytest.raises(
            RejectedError, match=r'"Root cause" does not offer "Weather"; offered: Unknown, Code\. Correct.*`fill`'
        ) as caught:
            await finish(at, model)
        assert at.writes == 0
    assert (caught.value.partly, caught.value.hop) == (False, ("In Progress", "Done"))


async def test_a_field_that_nobody_configured_is_named_with_the_remedy() -> None:
    model = demanding()
    async with opened(transport=within(model), fill={"*": {"resolution": "Done"}}, **CLOUD) as at:
        with pytest.raises(
            RejectedError,
            match=r'"Finish" to Done requires Root cause, Note, .*Add `fill: \{Done: \{Root cause: …, Note: …\}\}`',
        ) as caught:
            await finish(at, model)
        assert at.writes == 0
    assert caught.value.hop == ("In Progress", "Done")


async def test_what_a_workflow_says_that_it_needs() -> None:
    model = demanding()
    model.edit("SHOP-42", custom={NOTE.id: "Said already."}, by="ada-l")
    async with opened(transport=within(model), fill={"Done": {"Root cause": "Code"}}, **DATA_CENTER) as at:
        known = await at.jira.workflow(await look(at, model, "SHOP-42"), {"resolution", POINTS.id})

    (hop,) = known.leaves["In Progress"]
    assert hop.needs == ("resolution", f"{NOTE.name} ({NOTE.id})")
    assert known.held == {f"{NOTE.name} ({NOTE.id})"}


async def test_a_resolution_that_an_issue_holds_is_held() -> None:
    model = demanding()
    model.edit("SHOP-42", status="Done", resolution="Done", by="ada-l")
    async with opened(transport=within(model), **CLOUD) as at:
        known = await at.jira.workflow(await look(at, model, "SHOP-42"), {"resolution"})

    assert known.held == {"resolution"}
