"""GraphQL behind the wire: questions fit the schema, and trouble in a 200 is told by its type, never taken for data."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from github_doubles import opened, scripted
from graphql import build_schema, parse, validate

from trackersync.connector import NotFoundError, RejectedError, UnavailableError
from trackersync.sandbox.github.graph import sdl
from trackersync_github import board_queries, board_survey, places
from trackersync_github.graphql import GraphQL, UnservedError, endpoint

QUERY = "query Something($id: ID!) { node(id: $id) { id } }"


@pytest.mark.parametrize("query", [*board_queries.QUERIES, *board_survey.QUERIES, places.CANONICAL])
def test_every_question_fits_the_schema(query: str) -> None:
    assert validate(build_schema(sdl()), parse(query)) == []


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://github.acme.example/api/v3", "https://github.acme.example/api/graphql"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000/graphql"),
    ],
)
def test_the_address_follows_from_that_of_rest(url: str, where: str) -> None:
    assert endpoint(url) == where


async def asked(reply: httpx.Response, *, gaps: bool = False, change: bool = False) -> dict[str, Any]:
    async with opened(scripted(lambda _: reply)) as it:
        graphql = GraphQL(it.wire, "http://api.github.test")
        if change:
            return await graphql.change("stage", QUERY.replace("query", "mutation"), {"id": "x"})
        return await graphql.ask(QUERY, {"id": "x"}, gaps=gaps)


def trouble(*types: str, code: str = "", data: object = None) -> httpx.Response:
    extensions = {"extensions": {"code": code}} if code else {}
    errors = [{"message": f"No {kind}", **({"type": kind} if kind else {}), **extensions} for kind in types]
    return httpx.Response(200, json={"data": data, "errors": errors})


async def test_what_was_asked_comes_back() -> None:
    assert await asked(httpx.Response(200, json={"data": {"node": {"id": "x"}}})) == {"node": {"id": "x"}}


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (trouble("NOT_FOUND"), NotFoundError, "refused Something .No NOT_FOUND.: it is gone"),
        (trouble("FORBIDDEN"), RejectedError, "give the token the right it names"),
        (trouble("INSUFFICIENT_SCOPES"), RejectedError, "No INSUFFICIENT_SCOPES"),
        (trouble("NOT_FOUND", "FORBIDDEN"), RejectedError, "No NOT_FOUND; No FORBIDDEN"),
        (trouble("", code="undefinedField"), UnservedError, "does not know what was asked"),
        (trouble("", code="variableMismatch"), RejectedError, "refused"),
        (trouble(""), UnavailableError, "no whole answer"),
        (trouble("NOT_FOUND", "", data={"node": None}), UnavailableError, "no whole answer"),
        (httpx.Response(404, json={}), UnservedError, "serves no GraphQL"),
        (httpx.Response(405), UnservedError, "serves no GraphQL"),
        (httpx.Response(403, json={"message": "Resource not accessible"}), RejectedError, "Resource not accessible"),
        (httpx.Response(200, text="<html>"), UnavailableError, "HTML page"),
        (httpx.Response(200, json={}), UnavailableError, "gave nothing"),
    ],
)
async def test_trouble_is_named_by_the_next_move(reply: httpx.Response, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        await asked(reply)
    assert type(caught.value) is error


async def test_gaps_are_shown_only_to_those_who_can_tell_them() -> None:
    data = {"nodes": [{"id": "x"}, None]}
    assert await asked(trouble("NOT_FOUND", data=data), gaps=True) == data
    with pytest.raises(NotFoundError):
        await asked(trouble("NOT_FOUND", data=data))
    with pytest.raises(UnavailableError):
        await asked(trouble("NOT_FOUND", "", data=data), gaps=True)


async def test_a_change_without_a_clear_answer_is_in_doubt() -> None:
    for reply in (trouble(""), httpx.Response(200, text="{"), httpx.Response(200, json={"data": None})):
        with pytest.raises(UnavailableError) as caught:
            await asked(reply, change=True)
        assert caught.value.in_doubt
    with pytest.raises(RejectedError):
        await asked(trouble("FORBIDDEN"), change=True)


async def test_nothing_is_written_into_a_question() -> None:
    seen: list[dict[str, Any]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"data": {}})

    async with opened(scripted(reply)) as it:
        await GraphQL(it.wire, "http://api.github.test").ask(QUERY, {"id": '") { secret }'})
    assert seen == [{"query": QUERY, "variables": {"id": '") { secret }'}}]
