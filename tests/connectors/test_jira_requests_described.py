"""Everything that the connector asks of Jira Cloud has the shape that Atlassian describes, and so have the answers."""

from __future__ import annotations

from dataclasses import replace

import httpx
from jira_doubles import CLOUD, GRACE, change, look, many, opened

from openapi import NEEDED, Checked
from trackersync.connector import Lately
from trackersync.sandbox import Jira, jira_app, shop
from trackersync.sandbox.jira.customs import CustomField

pytestmark = NEEDED

PAIR = "customfield_10050"


async def test_a_run_with_all_that_can_be_read_and_written() -> None:
    model = Jira({"SHOP": shop.workflow()})
    shop.fill_jira(model)
    model.custom_fields[PAIR] = CustomField(PAIR, "Pair", "array", "user", "multiuserpicker")
    checked = Checked(httpx.ASGITransport(app=jira_app(model)), "jira-v3.json")
    words = {"co_owners": "Pair", "evidence": ["relations", "checklist"], "writes": ["stage", "owners", "links"]}
    async with opened(transport=checked, **CLOUD, **words) as at:
        items = {item.key: item for item in await at.items(Lately())}
        assert len(items) == 44
        assert {named.fact for named in await at.jira.names()} == {"status", "resolution"}
        one = next(item for item in items.values() if item.facts["status"] == ("In Progress",))
        await at.jira.workflow(one)
        assert await at.jira.history(one.ref)
        assert await at.jira.histories([one.ref, items["SHOP-42"].ref])
        done = {"status": ("Done",), "resolution": ("Done",)}
        shown = await at.jira.apply(replace(change(one, "stage", done), path=("In Review",)))
        assert shown.facts["status"] == ("Done",)
        for owners in ((GRACE,), (), (GRACE, shop.ACCOUNTS["ada-l"])):
            one = await look(at, model, "SHOP-42")
            shown = await at.jira.apply(change(one, "owners", {"owners": owners}))
            assert set(shown.facts["owners"]) == set(owners)
    asked = {f"{method} {path.removeprefix('/rest/api/N')}" for method, path, _ in checked.checked}
    assert asked >= {
        "POST /search/jql", "POST /search/approximate-count", "POST /issue/bulkfetch", "GET /issue/N",
        "GET /issue/N/transitions", "POST /issue/N/transitions", "PUT /issue/N/assignee", "PUT /issue/N",
        "GET /project/SHOP/statuses", "GET /resolution", "GET /field", "GET /myself", "GET /user/assignable/search",
        "POST /workflows", "POST /changelog/bulkfetch",
    }  # fmt: skip


class Described(Checked):
    """Lets pass what Atlassian describes elsewhere: Jira Software's boards."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/rest/agile/"):
            return await self.inner.handle_async_request(request)
        return await super().handle_async_request(request)


async def test_what_is_asked_before_anything_is_mapped() -> None:
    model = many(3)
    model.may_see_workflows = True
    checked = Described(httpx.ASGITransport(app=jira_app(model)), "jira-v3.json")
    async with opened(transport=checked, **CLOUD) as at:
        assert [one.items for one in await at.jira.offered()] == [3]
        assert (await at.jira.survey()).signs
    asked = {f"{method} {path.removeprefix('/rest/api/N')}" for method, path, _ in checked.checked}
    assert asked >= {
        "GET /project/search", "GET /project/SHOP", "GET /project/SHOP/statuses", "POST /workflows", "GET /resolution",
        "GET /field",
    }  # fmt: skip
