"""Everything that the connector asks of Jira Cloud has the shape that Atlassian describes, and so have the answers."""

from __future__ import annotations

from dataclasses import replace

import httpx
from jira_doubles import CLOUD, GRACE, change, look, opened

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
