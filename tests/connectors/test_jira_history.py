"""Who changed what of an issue, and when, as Jira's changelog tells it on Cloud and on Data Center."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, FLAVOURS, MYSELF, Open, Script, opened, raw, ref, refuses, says, within
from msgspec import convert

from trackersync.connector import Chronicler, Event, Historian, ItemRef
from trackersync.errors import NotFoundError, RejectedError, UnavailableError
from trackersync.sandbox import Jira
from trackersync.sandbox.jira.customs import CustomField, shown_user
from trackersync.sandbox.jira.model import BOT, User
from trackersync.sandbox.shop import ACCOUNTS, workflow
from trackersync_jira.changelog import MOST_PAGES, Entry
from trackersync_jira.history import Known, events_of, moment
from trackersync_jira.items import Site

AT = "2026-03-05T13:00:00.123+0100"
SITE = Site("jira", "http://127.0.0.1", cloud=True, field="customfield_10040", co_owners="customfield_10050")
CENTER = Site("jira", "http://127.0.0.1", cloud=False, field="customfield_10040", co_owners="customfield_10050")
NAMES = {"customfield_10040": "Delivery stage", "customfield_10050": "Pair", "customfield_10060": "Status"}
KNOWN = Known(NAMES, {"JIRAUSER10100": "ada-l", "JIRAUSER10101": "grace-h"}, {("status", "3"): "In the works"})
BULK = ("POST", "/changelog/bulkfetch")
FETCH = ("POST", "/issue/bulkfetch")


def item(field_id: str | None, before: Any, after: Any, *, ids: tuple[Any, Any] = (None, None), **more: Any) -> Any:  # noqa: ANN401  # JSON
    """A change as Jira sends it: what people read, and what it is by id."""
    words = {"field": field_id or "", "fieldtype": "jira", "from": ids[0], "fromString": before, "to": ids[1]}
    named = {} if field_id is None else {"fieldId": field_id}
    return words | {"toString": after} | named | more


def entry(*items: object, number: int = 7, author: object = None, **more: object) -> dict[str, Any]:
    return {"id": str(number), "created": AT, "items": list(items), "author": author} | more


def told(site: Site, *items: object) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each fact that an entry changes: what came, what went."""
    found = convert(entry(*items), Entry)
    return [(one.fact, one.added, one.removed) for one in events_of(site, found, moment(found), KNOWN)]


CHANGES: list[tuple[str, list[Any], list[Any]]] = [
    ("status", [item("status", "To Do", "Done", ids=("1", "2"))], [("status", ("Done",), ("To Do",))]),
    ("a status renamed since", [item("status", "To Do", "Doing", ids=("1", "3"))],
     [("status", ("In the works",), ("To Do",))]),
    ("resolved", [item("resolution", None, "Done", ids=(None, "1"))], [("resolution", ("Done",), ())]),
    ("unresolved", [item("resolution", "Done", "", ids=("1", None))], [("resolution", (), ("Done",))]),
    ("labels", [item("labels", "bad test-label", "sad test-label")], [("labels", ("sad",), ("bad",))]),
    ("the first labels", [item("labels", "", "a b")], [("labels", ("a", "b"), ())]),
    ("labels with quotes, as people write them", [item("labels", '"oh dc s yeah"', '"oh dc yeah"')],
     [("labels", (), ("s",))]),
    ("components, one item for each",
     [item("components", None, "Shop"), item("components", "Till", None), item("components", None, "Stock room")],
     [("components", ("Shop", "Stock room"), ("Till",))]),
    ("one version for another", [item("fixVersions", "v1", "v2", ids=("1", "2"))], [("versions", ("v2",), ("v1",))]),
    ("type", [item("issuetype", "Task", "Bug")], [("type", ("Bug",), ("Task",))]),
    ("a move", [item("project", "Old things", "Shop", ids=("1", "2")), item("issuekey", "OLD-7", "SHOP-8")],
     [("project", ("SHOP",), ("OLD",))]),
    ("a move, the key under its word", [item("Key", "OLD-7", "SHOP-8")], [("project", ("SHOP",), ("OLD",))]),
    ("the stage's field", [item("customfield_10040", "Build", "Verify", fieldtype="custom")],
     [("field", ("Verify",), ("Build",))]),
    ("another field", [item("customfield_10041", "Build", "Verify", fieldtype="custom")], []),
    ("title and text", [item("summary", "a", "b"), item("description", None, "b")], []),
    ("several at once", [item("status", "To Do", "Done"), item("resolution", None, "Fixed"), item("summary", "", "b")],
     [("status", ("Done",), ("To Do",)), ("resolution", ("Fixed",), ())]),
    ("nothing, told twice", [item("components", None, "Shop"), item("components", "Shop", None)], []),
]  # fmt: skip


@pytest.mark.parametrize(("items", "changed"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_what_an_entry_changes_on_cloud(items: list[Any], changed: list[Any]) -> None:
    assert told(SITE, *items) == changed


WORDS = {
    "components": "Component",
    "fixVersions": "Fix Version",
    "issuekey": "Key",
    "customfield_10040": "Delivery stage",
    "customfield_10041": "Something else",
}


@pytest.mark.parametrize(("items", "changed"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_what_an_entry_changes_on_data_center_which_has_no_ids_of_fields(items: list[Any], changed: list[Any]) -> None:
    nameless = [{**one, "field": WORDS.get(one["fieldId"], one["fieldId"])} for one in items]
    for one in nameless:
        del one["fieldId"]
    assert told(CENTER, *nameless) == changed


OWNERS: list[tuple[str, Site, list[Any], list[Any]]] = [
    ("by account id", SITE, [item("assignee", "Ada", "Grace", ids=("5a", "5b"))], [("owners", ("5b",), ("5a",))]),
    ("unassigned", SITE, [item("assignee", "Ada", None, ids=("5a", None))], [("owners", (), ("5a",))]),
    ("by account id, from the years between", SITE,
     [item("assignee", "Ada", "Grace", ids=("ada", "grace"), tmpFromAccountId="5a", tmpToAccountId="5b")],
     [("owners", ("5b",), ("5a",))]),
    ("by key", CENTER, [item(None, "Ada L", "Grace H", ids=("JIRAUSER10100", "JIRAUSER10101"), field="assignee")],
     [("owners", ("grace-h",), ("ada-l",))]),
    ("by a key nobody has", CENTER, [item("assignee", None, "Gone", ids=(None, "JIRAUSER1"))],
     [("owners", ("JIRAUSER1",), ())]),
    ("co-owners", SITE, [item("customfield_10050", "[Ada]", "[Ada, Grace]", ids=("[5a]", "[5a, 5b]"))],
     [("owners", ("5b",), ())]),
    ("no co-owners any more", SITE, [item("customfield_10050", "[Ada, Grace]", "", ids=("[5a, 5b]", "[]"))],
     [("owners", (), ("5a", "5b"))]),
    ("co-owners by name", CENTER,
     [item(None, None, "[ada-l(JIRAUSER10100), grace-h(JIRAUSER10101)]", field="Pair", fieldtype="custom")],
     [("owners", ("ada-l", "grace-h"), ())]),
    ("co-owners by key", CENTER, [item("customfield_10050", None, None, ids=("[JIRAUSER10100]", ""))],
     [("owners", (), ("ada-l",))]),
    ("assignee and co-owner change places", SITE,
     [item("assignee", "Ada", "Grace", ids=("5a", "5b")),
      item("customfield_10050", "[Grace]", "[Ada]", ids=("[5b]", "[5a]"))], []),
    ("the assignee goes, and a co-owner comes", SITE,
     [item("assignee", "Ada", None, ids=("5a", None)),
      item("customfield_10050", "", "[Grace]", ids=("", "[5b]"))], [("owners", ("5b",), ("5a",))]),
]  # fmt: skip


@pytest.mark.parametrize(("site", "items", "changed"), [case[1:] for case in OWNERS], ids=[case[0] for case in OWNERS])
def test_people_are_named_as_everywhere_else(site: Site, items: list[Any], changed: list[Any]) -> None:
    assert told(site, *items) == changed


def test_a_custom_field_that_is_called_status_is_no_status() -> None:
    mine = item(None, "a", "b", field="Status", fieldtype="custom")
    assert told(CENTER, mine) == []
    assert told(CENTER, mine | {"fieldtype": "jira"}) == [("status", ("b",), ("a",))]
    # Two fields of one name: which of them it was cannot be told.
    twice = {"customfield_10040": "Stage", "customfield_10060": "stage"}
    found = convert(entry(item(None, "a", "b", field="Stage", fieldtype="custom")), Entry)
    assert list(events_of(CENTER, found, moment(found), Known(twice))) == []


def test_each_event_bears_time_account_and_an_id_of_its_own() -> None:
    both = entry(item("status", "a", "b"), item("labels", "", "x"), author={"accountId": "5a", "name": "ada-l"})
    found = convert(both | {"historyMetadata": {"actor": {"id": "somebody else"}, "type": "x"}}, Entry)
    at = datetime(2026, 3, 5, 12, 0, 0, 123_000, tzinfo=UTC)
    status, labels = events_of(SITE, found, moment(found), Known())
    assert (status, labels.id) == (Event("7-status", at, "5a", "status", ("b",), ("a",)), "7-labels")
    assert status.at.tzinfo is UTC
    assert [event.by for event in events_of(CENTER, found, at, Known())] == ["ada-l", "ada-l"]
    for nobody in (None, {}, {"displayName": "Automation"}):
        (event,) = events_of(SITE, convert(entry(item("status", "a", "b"), author=nobody), Entry), at, Known())
        assert event.by == ""


@pytest.mark.parametrize("created", [1_772_712_000_000, 1_772_712_000, "2026-03-05T12:00:00", "2026-03-05T12:00:00Z"])
def test_a_time_may_be_a_number(created: object) -> None:
    """The description says text; its own example shows a number."""
    assert moment(convert(entry(created=created), Entry)) == datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("created", ["yesterday", 10**18, ""])
def test_a_time_that_is_none_is_said(created: object) -> None:
    with pytest.raises(UnavailableError, match="no time that can be read"):
        moment(convert(entry(created=created), Entry))


# Against the stand-in.


class Clock:
    def __init__(self) -> None:
        self.hour = 8

    def __call__(self) -> datetime:
        return datetime(2026, 3, 5, self.hour, tzinfo=UTC)


def site(*, issues: int = 1) -> Jira:
    clock = Clock()
    model = Jira({"SHOP": workflow()}, clock=clock)
    model.welcome(User(number, name, name) for name, number in ACCOUNTS.items())
    model.named(model.resolutions, "Done")
    for n in range(1, issues + 1):
        model.create(f"Task {n}", labels=["bug"], by="ada-l", assignee=ACCOUNTS["ada-l"])
    return model


def later(model: Jira, key: str = "SHOP-1", **edit: Any) -> None:  # noqa: ANN401  # as ``Jira.edit`` takes it
    clock = model.clock
    assert isinstance(clock, Clock)
    clock.hour += 1
    model.edit(key, **edit)


def place(model: Jira, number: int = 1) -> ItemRef:
    return ItemRef("jira", str(model.issue(f"SHOP-{number}").id))


def asked(model: Jira) -> list[tuple[str, str]]:
    found = [(request.method, request.path.rpartition("/rest/api/")[2]) for request in model.requests]
    model.requests.clear()
    return found


@FLAVOURS
async def test_the_history_of_an_issue_from_its_beginning(flavour: dict[str, Any]) -> None:
    model = site()
    later(model, by="grace-h", status="In Progress", assignee=ACCOUNTS["grace-h"])
    later(model, by="ada-l", labels=["urgent"], summary="Größer")
    later(model, by="margaret-h", status="Done", resolution="Done", assignee=None)
    async with opened(transport=within(model), **flavour) as it:
        events = await it.jira.history(place(model))
        assert isinstance(it.jira, Historian)
        assert it.writes == 0

    def who(name: str) -> str:
        return ACCOUNTS[name] if "email" in flavour else name

    assert [(one.at.hour, one.by, one.fact, *one.added, *(f"-{value}" for value in one.removed)) for one in events] == [
        (9, who("grace-h"), "status", "In Progress", "-Backlog"),
        (9, who("grace-h"), "owners", who("grace-h"), f"-{who('ada-l')}"),
        (10, who("ada-l"), "labels", "urgent", "-bug"),
        (11, who("margaret-h"), "status", "Done", "-In Progress"),
        (11, who("margaret-h"), "resolution", "Done"),
        (11, who("margaret-h"), "owners", f"-{who('grace-h')}"),
    ]


@FLAVOURS
async def test_a_status_that_was_renamed_since_is_called_by_its_new_name(flavour: dict[str, Any]) -> None:
    """By its id, as far as it was seen; else the history would not lead to what the issue shows."""
    model = site()
    later(model, by="ada-l", status="In Progress")
    model.rename_status("In Progress", "In the works")
    async with opened(transport=within(model), **flavour) as it:
        (before,) = await it.jira.history(place(model))
        (shown,) = await it.items()
        (after,) = await it.jira.history(place(model))
    assert before.added == ("In Progress",)
    assert after.added == shown.facts["status"] == ("In the works",)


@FLAVOURS
async def test_custom_fields_tell_of_stage_and_co_owners(flavour: dict[str, Any]) -> None:
    model = site()
    stage = CustomField("customfield_10040", "Delivery stage", options=("Build", "Verify"))
    pair = CustomField("customfield_10050", "Pair", "array", "user", "multiuserpicker")
    model.custom_fields |= {one.id: one for one in (stage, pair)}
    build, verify = stage.allowed
    ada, grace = (shown_user(model.users[ACCOUNTS[name]]) for name in ("ada-l", "grace-h"))
    later(model, by="ada-l", custom={stage.id: build, pair.id: [grace]})
    later(model, by="grace-h", custom={stage.id: verify, pair.id: [grace, ada]}, assignee=None)
    later(model, by="grace-h", custom={stage.id: None, pair.id: None})
    async with opened(transport=within(model), field="Delivery stage", co_owners="Pair", **flavour) as it:
        events = await it.jira.history(place(model))

    me, you = (ACCOUNTS["ada-l"], ACCOUNTS["grace-h"]) if "email" in flavour else ("ada-l", "grace-h")
    assert [(one.at.hour, one.fact, one.added, one.removed) for one in events] == [
        (9, "field", ("Build",), ()),
        (9, "owners", (you,), ()),
        (10, "field", ("Verify",), ("Build",)),
        (11, "field", (), ("Verify",)),
        (11, "owners", (), (you, me)),
    ]


@FLAVOURS
async def test_what_nobody_changed_has_an_empty_history_and_what_is_gone_none(flavour: dict[str, Any]) -> None:
    model = site(issues=2)
    gone = place(model, 2)
    model.delete("SHOP-2")
    async with opened(transport=within(model), **flavour) as it:
        assert await it.jira.history(place(model)) == ()
        with pytest.raises(NotFoundError, match=f"issue {gone.id} is gone, or hidden"):
            await it.jira.history(gone)


async def test_cloud_tells_many_histories_in_one_request() -> None:
    model = site(issues=120)
    for n in range(1, 121):
        later_in_a_second(model, n)
    refs = [place(model, n) for n in range(1, 121)]
    async with opened(transport=within(model), **CLOUD) as it:
        assert isinstance(it.jira, Chronicler)
        told = await it.jira.histories(refs)
        assert asked(model) == [("POST", "3/changelog/bulkfetch")]
        assert set(told) == set(refs)
        assert told[refs[7]] == await it.jira.history(refs[7])
    assert [event.added for event in told[refs[7]]] == [("In Progress",), ("round-8",)]


def later_in_a_second(model: Jira, n: int) -> None:
    model.edit(f"SHOP-{n}", by="ada-l", status="In Progress")
    model.edit(f"SHOP-{n}", by="grace-h", labels=[f"round-{n}"])


async def test_what_is_told_of_on_several_pages_is_put_together_in_order() -> None:
    """Pages are sorted by time, so that an issue comes again on each; and one may be told twice."""
    one = {"issueId": "10001", "changeHistories": [entry(item("status", "a", "b"), number=9)]}
    two = {"issueId": "10002", "changeHistories": [entry(item("status", "a", "c"), number=10)]}
    again = {"issueId": "10001", "changeHistories": [entry(item("status", "b", "d"), number=11)]}
    pages = [
        {"issueChangeLogs": [one, two], "nextPageToken": "t"},
        {"issueChangeLogs": [again, two], "nextPageToken": None},
    ]
    script = Script({BULK: says(*pages)})
    async with opened(transport=script.transport, **CLOUD) as it:
        told = await it.jira.histories([ref(1), ref(2)])
    assert [event.id for event in told[ref(1)]] == ["9-status", "11-status"]
    assert [event.added for event in told[ref(2)]] == [("c",)]
    first, second = script.bodies("/changelog/bulkfetch")
    assert first["issueIdsOrKeys"] == ["10001", "10002"]
    assert "nextPageToken" not in first
    assert second == first | {"nextPageToken": "t"}


async def test_no_more_is_asked_than_jira_takes() -> None:
    """Up to 1,000 issues, and up to 10 fields: with both custom ones it is just that."""
    script = Script({BULK: says({"issueChangeLogs": []}), FETCH: says({"issues": []})})
    custom = {"field": "customfield_10040", "co_owners": "customfield_10050"}
    async with opened(transport=script.transport, **CLOUD, **custom) as it:
        assert await it.jira.histories([ref(n) for n in range(1, 1_102)]) == {}
    bodies = script.bodies("/changelog/bulkfetch")
    assert [len(body["issueIdsOrKeys"]) for body in bodies] == [1_000, 101]
    assert all(len(set(body["fieldIds"])) == 10 for body in bodies)
    assert {"customfield_10040", "customfield_10050"} <= set(bodies[0]["fieldIds"])


async def test_of_what_is_not_told_together_it_is_asked_whether_it_is_there() -> None:
    """Nobody changed what matters; or it is gone, and then its history is asked for by itself and says so."""
    model = site(issues=3)
    later(model, by="ada-l", status="In Progress")
    later(model, "SHOP-2", by="ada-l", summary="Another title")
    refs = [place(model, n) for n in (1, 2, 3)]
    model.delete("SHOP-3")
    async with opened(transport=within(model), **CLOUD) as it:
        told = await it.jira.histories(refs)
    assert {ref: len(events) for ref, events in told.items()} == {refs[0]: 1, refs[1]: 0}
    assert asked(model) == [("POST", "3/changelog/bulkfetch"), ("POST", "3/issue/bulkfetch")]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 501])
async def test_where_many_cannot_be_asked_at_once_each_is_asked_by_itself(status: int) -> None:
    values = {"values": [entry(item("status", "a", "b"))], "isLast": True}
    script = Script({BULK: refuses(status, "No."), ("GET", "/issue/10001/changelog"): says(values)})
    async with opened(transport=script.transport, **CLOUD) as it:
        assert await it.jira.histories([ref(1), ref(2)]) == {}
        (event,) = await it.jira.history(ref(1))
    assert event.added == ("b",)


@pytest.mark.parametrize("status", [400, 404, 405, 413, 501])
async def test_where_many_cannot_be_looked_for_at_once_each_is_asked_by_itself(status: int) -> None:
    script = Script({BULK: says({"issueChangeLogs": []}), ("POST", "/issue/bulkfetch"): refuses(status, "No.")})
    async with opened(transport=script.transport, **CLOUD) as it:
        assert await it.jira.histories([ref(1), ref(2)]) == {}


async def test_data_center_is_not_asked_for_what_it_has_not() -> None:
    model = site()
    async with opened(transport=within(model), **DATA_CENTER) as it:
        assert await it.jira.histories([place(model), ref(2)]) == {}
        assert it.reads == 0


async def test_every_page_of_a_long_history_is_read() -> None:
    model = site()
    for n in range(130):
        model.edit("SHOP-1", by="ada-l", labels=["bug"] if n % 2 else [])
    async with opened(transport=within(model), **CLOUD) as it:
        events = await it.jira.history(place(model))
        assert it.reads == 2
    assert (len(events), len({one.id for one in events})) == (130, 130)


async def test_a_history_without_an_end_is_given_up() -> None:
    many = [entry(item("status", "a", "b"), number=n) for n in range(100)]
    script = Script(
        {("GET", "/changelog"): says({"values": many}), BULK: says({"issueChangeLogs": [], "nextPageToken": "t"})}
    )
    async with opened(transport=script.transport, **CLOUD) as it:
        with pytest.raises(RejectedError, match="more changes than are read"):
            await it.jira.history(ref(1))
        assert await it.jira.histories([ref(1), ref(2)]) == {}
    assert len(script.asked) == 2 * MOST_PAGES


# Data Center's ways.


def center(*entries: object, total: int | None = None, **answers: Any) -> Script:  # noqa: ANN401  # of ``Script``
    log = {"startAt": 0, "maxResults": len(entries), "histories": list(entries)}
    shown = raw(1) | {"changelog": log | ({} if total is None else {"total": total}), "names": NAMES}
    return Script({("GET", "/issue/10001"): says(shown), ("GET", "/user"): says({}, status=404)} | answers)


async def history(script: Script) -> tuple[list[Event], Open]:
    async with opened(transport=script.transport, **DATA_CENTER) as it:
        return list(await it.jira.history(ref(1))), it


async def test_whoever_the_answer_does_not_show_is_asked_for_once() -> None:
    ada = {"name": "ada-l", "key": "JIRAUSER10100"}
    changes = [
        entry(item(None, None, "Grace", ids=(None, "JIRAUSER10101"), field="assignee"), number=2, author=ada),
        entry(item(None, "Ada", None, ids=("JIRAUSER10100", None), field="assignee"), number=1, author=ada),
        entry(item(None, "Grace", "Gone", ids=("JIRAUSER10101", "JIRAUSER7"), field="assignee"), number=3),
    ]
    script = center(*changes)
    script.answers[("GET", "/user")] = lambda request: (
        httpx.Response(200, json={"name": "grace-h", "key": "JIRAUSER10101"})
        if request.url.params["key"] == "JIRAUSER10101"
        else httpx.Response(404, json={"errorMessages": ["There is no such user"]})
    )
    async with opened(transport=script.transport, **DATA_CENTER) as it:
        events = await it.jira.history(ref(1))
        again = await it.jira.history(ref(1))
    assert [(one.added, one.removed) for one in events] == [
        ((), ("ada-l",)),
        (("grace-h",), ()),
        (("JIRAUSER7",), ("grace-h",)),
    ]
    assert events == again
    assert [path for _, path, _ in script.asked].count("/rest/api/2/user") == 2


async def test_a_history_that_is_not_shown_whole_is_none() -> None:
    """Cloud cuts an expanded changelog off at its newest entries; what is missing would not be noticed."""
    change = entry(item("status", "a", "b"))
    assert len((await history(center(change, total=1)))[0]) == 1
    with pytest.raises(RejectedError, match="1 of the 41 changes of issue 10001"):
        await history(center(change, total=41))


async def test_data_center_is_asked_for_little_besides() -> None:
    script = center(entry(item("status", "a", "b")))
    seen: list[httpx.URL] = []
    answer = script.answers[("GET", "/issue/10001")]

    def noted(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return answer(request)

    script.answers[("GET", "/issue/10001")] = noted
    await history(script)
    assert dict(seen[0].params) == {"expand": "changelog,names", "fields": "assignee"}


# What goes wrong.


@FLAVOURS
@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFoundError), (403, RejectedError), (400, RejectedError), (418, UnavailableError)]
)
async def test_a_refusal_is_named_by_what_to_do_next(
    flavour: dict[str, Any], status: int, error: type[Exception]
) -> None:
    answer = refuses(status, "No.")
    path = "/changelog" if "email" in flavour else "/issue/10001"
    script = Script({("GET", path): answer, ("GET", "/myself"): says(MYSELF)})
    async with opened(transport=script.transport, **flavour) as it:
        with pytest.raises(error, match="issue 10001"):
            await it.jira.history(ref(1))


@FLAVOURS
async def test_no_usable_answer_is_no_history(flavour: dict[str, Any]) -> None:
    path = "/changelog" if "email" in flavour else "/issue/10001"
    script = Script({("GET", path): says({"values": 7, "changelog": []})})
    async with opened(transport=script.transport, **flavour) as it:
        with pytest.raises(UnavailableError):
            await it.jira.history(ref(1))


async def test_trouble_with_many_is_trouble_with_the_tracker() -> None:
    script = Script({BULK: says("<html>", status=200)})
    async with opened(transport=script.transport, **CLOUD) as it:
        with pytest.raises(UnavailableError):
            await it.jira.histories([ref(1), ref(2)])


@FLAVOURS
async def test_our_own_account_is_named_as_histories_name_it(flavour: dict[str, Any]) -> None:
    """What we wrote is told from what people did by that."""
    model = site()
    model.edit("SHOP-1", status="In Progress")
    async with opened(transport=within(model), **flavour) as it:
        (event,) = await it.jira.history(place(model))
    assert event.by == (BOT if "email" in flavour else "acme-bot")
