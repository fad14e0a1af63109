"""Both directions of a conversation, held against a vendor's own OpenAPI description."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from typing import Any

import httpx
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from product import SHARED

DESCRIPTIONS = SHARED / "data" / "openapi"
NEEDED = [
    pytest.mark.skipif(
        not DESCRIPTIONS.is_dir(), reason=f"the OpenAPI descriptions are not beside the checkout ({DESCRIPTIONS})"
    ),
    pytest.mark.xdist_group("openapi"),
]
"""For modules whose tests need them; with xdist one worker reads them."""


@cache
def described(name: str) -> tuple[OpenAPI, str]:
    description = json.loads((DESCRIPTIONS / name).read_bytes())
    mend(description)
    if "User" in (schemas := description["components"]["schemas"]):
        # Documented in words only: null takes the assignee away.
        schemas["User"]["properties"]["accountId"]["nullable"] = True
        # Without a global id it is a list of them, as the example beside it shows.
        listed = description["paths"]["/rest/api/3/issue/{issueIdOrKey}/remotelink"]["get"]["responses"]["200"]
        one = listed["content"]["application/json"]["schema"]
        listed["content"]["application/json"]["schema"] = {"oneOf": [one, {"type": "array", "items": one}]}
    server = description["servers"][0]["url"]
    # Jira writes `+0000` where RFC 3339, and so its own description, wants `+00:00`.
    config = Config(spec_validator_cls=None, extra_format_validators={"date-time": dated})
    return OpenAPI.from_dict(description, config=config), server


def mend(part: Any) -> None:  # noqa: ANN401  # JSON
    """Let the descriptions say what the vendors really answer, in the four places where they do not.

    GitHub's `state_reason` is nullable, but its list of values lacks null. Jira describes content for 204, which has
    none, and content of any kind for an issue link that was made, which is answered without a word; the changelog's
    `from` and `to` are null where a field was empty.
    """
    if isinstance(part, list):
        for inner in part:
            mend(inner)
    if not isinstance(part, dict):
        return
    if part.get("nullable") and isinstance(part.get("enum"), list) and None not in part["enum"]:
        part["enum"].append(None)
    if isinstance(part.get("204"), dict):
        part["204"].pop("content", None)
    made = part.get("201")
    if isinstance(made, dict) and made.get("content") == {"application/json": {"schema": {}}}:
        del made["content"]
    for name in ("from", "fromString", "to", "toString") if {"fromString", "toString"} <= part.keys() else ():
        if isinstance(part.get(name), dict):
            part[name]["nullable"] = True
    for inner in part.values():
        mend(inner)


def dated(value: object) -> bool:
    return isinstance(value, str) and bool(datetime.fromisoformat(value))


class Checked(httpx.AsyncBaseTransport):
    """Passes requests on, and holds both directions against the description."""

    def __init__(self, inner: httpx.ASGITransport, description: str) -> None:
        self.inner = inner
        self.openapi, self.server = described(description)
        self.checked: list[tuple[str, str, int]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = await self.inner.handle_async_request(request)
        await answer.aread()
        asked = MockRequest(
            self.server,
            request.method.lower(),
            request.url.path,
            args=dict(request.url.params.multi_items()),
            headers=dict(request.headers),
            data=request.content or None,
            content_type=request.headers.get("content-type", "application/json"),
        )
        got = MockResponse(
            answer.content,
            status_code=answer.status_code,
            headers=dict(answer.headers),
            content_type=answer.headers.get("content-type", "").partition(";")[0] or "application/json",
        )
        try:
            if answer.is_success:
                self.openapi.validate_request(asked)
            self.openapi.validate_response(asked, got)
        except OpenAPIError as trouble:
            errors = getattr(trouble.__cause__, "schema_errors", [trouble])
            shown = [f"{getattr(e, 'json_path', '')}: {str(getattr(e, 'message', e))[-300:]}" for e in errors]
            raise AssertionError(f"{request.method} {request.url}: {shown or trouble}") from trouble
        self.checked.append((request.method, re.sub(r"\d+", "N", request.url.path), answer.status_code))
        return answer
