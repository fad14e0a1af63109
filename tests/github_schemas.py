"""GitHub's own description of its REST API, as the models and operations of the packages ``githubkit-schemas-*``.

They are made from GitHub's OpenAPI, one for each version of the API, and are whole; so what is held against them here
needs nothing beside the checkout. The operations are read from the packages' source, which is some megabytes: only when
asked for, and only the files whose paths occur.
"""

from __future__ import annotations

import ast
import re
import typing
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

VERSIONS = {"2022-11-28": "v2022_11_28", "2026-03-10": "v2026_03_10"}
_FILES = ("apps", "issues", "meta", "orgs", "projects", "pulls", "rate_limit", "repos", "teams", "users")

UNDESCRIBED = frozenset({"/graphql", "/api/graphql"})
"""No part of the REST API: queries are held against a schema of their own, by the stand-in itself."""

IGNORED = {("PATCH", "/repos/{}/{}/hooks/{}"): "name"}
"""A member that PyGithub sends and GitHub has no use for: a webhook's name, which is ``web`` whatever one says."""

CURSORS = frozenset({"after", "before"})
"""What GitHub's ``Link`` headers lead with where the description knows pages only."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what may be asked, and by name the models of what is sent and of what comes back.

    ``body`` and ``answer`` are None where there is none.
    """

    method: str
    path: str
    body: ast.expr | None = None
    answer: ast.expr | None = None
    refusals: typing.Mapping[str, ast.expr] = field(default_factory=dict)
    query: frozenset[str] = frozenset()


def shape(path: str) -> str:
    """A path whose parameters have no names: ``/repos/{}/{}/issues``. One that takes a rest, slashes too, has one."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@cache
def operations(version: str) -> typing.Mapping[tuple[str, str], Operation]:
    """All operations of the files that matter, by method and shape of path."""
    package = f"githubkit_schemas.{VERSIONS[version]}"
    found: dict[tuple[str, str], Operation] = {}
    for name in _FILES:
        source = files(f"{package}.rest").joinpath(f"{name}.py").read_text(encoding="utf-8")
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, ast.FunctionDef) and (one := _operation(function)):
                found.setdefault((one.method, shape(one.path)), one)
    return found


def _operation(function: ast.FunctionDef) -> Operation | None:
    """The operation that a method of the package's client sends; None where it sends none."""
    path, query, body = "", frozenset[str](), None
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "url":
                path = _template(node.value)
            elif node.targets[0].id == "params" and isinstance(node.value, ast.Dict):
                query = frozenset(str(key.value) for key in node.value.keys if isinstance(key, ast.Constant))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type_validate_python":
            body = node.args[0]
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "request":
            method = node.args[0]
            assert isinstance(method, ast.Constant)
            more = {word.arg: word.value for word in node.keywords}
            errors = more.get("error_models")
            refusals = {}
            if isinstance(errors, ast.Dict):
                for status, model in zip(errors.keys, errors.values, strict=True):
                    assert isinstance(status, ast.Constant)
                    refusals[str(status.value)] = model
            return Operation(str(method.value), path, body, more.get("response_model"), refusals, query)
    return None


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), ast.dump(node)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _model(node: ast.expr, models: Any) -> Any:  # noqa: ANN401  # a type
    """What an annotation means, without running it."""
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Name(id=name):
            simple = {"list": list, "dict": dict, "str": str, "int": int, "float": float, "bool": bool}
            return simple.get(name) or getattr(typing, name, None) or getattr(models, name)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[plain, *_])):
            return _model(plain, models)
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=inner)):
            return _model(outer, models)[tuple(_model(one, models) for one in inner)]
        case ast.Subscript(value=outer, slice=inner):
            return _model(outer, models)[_model(inner, models)]
    raise AssertionError(ast.dump(node))


@cache
def _checker(version: str, method: str, path: str, part: str) -> TypeAdapter[Any]:
    operation = operations(version)[method, path]
    named = operation.refusals[part] if part.isdigit() else getattr(operation, part)
    models = import_module(f"githubkit_schemas.{VERSIONS[version]}.models")
    model = _model(named, models)
    if (part, path) == ("answer", "/repos/{}/{}/issues/{}/events"):
        # Its list of events forgets the closing and reopening, which the same description has in the timeline.
        (rows,) = typing.get_args(model)
        model = list[rows | models.StateChangeIssueEvent]
    return TypeAdapter(model)


def faults(version: str, method: str, path: str, part: str, raw: bytes) -> list[str]:
    """What of a body is not as described; ``part`` is ``body``, ``answer``, or the status of a refusal.

    Strict: ``"5"`` is no number. What is sent may have no member that is not described, since GitHub would take it
    without a word; what comes back may.
    """
    try:
        _checker(version, method, path, part).validate_json(
            raw, strict=True, extra="forbid" if part == "body" else "ignore"
        )
    except ValidationError as wrong:
        return [
            f"{'.'.join(map(str, error['loc']))}: {error['msg']} ({str(error['input'])[:80]})"
            for error in wrong.errors()
            if error["loc"] != (IGNORED.get((method, path)),)
        ]
    return []


class Described:
    """Passes requests on to an ASGI application, and holds both directions against the description.

    Attributes:
        seen: every operation that was done, as method and shape of path, by the version asked for.
        wrong: one sentence for everything that was not as described.
    """

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner
        self.seen: set[tuple[str, str, str]] = set()
        self.wrong: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once it is judged: who has the answer may ask at once what was wrong."""
        asked = bytearray()
        answers: list[Message] = []

        async def reading() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def keeping(message: Message) -> None:
            answers.append(message)

        await self._inner(scope, reading, keeping)
        answered = b"".join(message.get("body", b"") for message in answers)
        status = next((message["status"] for message in answers if "status" in message), 0)
        if scope["type"] == "http":
            self._judge(scope, bytes(asked), answered, status)
        for message in answers:
            await send(message)

    def _judge(self, scope: Scope, asked: bytes, answered: bytes, status: int) -> None:
        headers = {name.decode(): text.decode() for name, text in scope["headers"]}
        version = headers.get("x-github-api-version", "2022-11-28")
        method, path = scope["method"], f"/{scope['path'].lstrip('/')}"
        operation = _found(version, method, path)
        if operation is None:
            if path not in UNDESCRIBED:
                self.wrong.append(f"{method} {path}: GitHub has no such path")
            return
        place = (method, shape(operation.path))
        done = 200 <= status < 300
        trouble = list(_answer_faults(version, operation, answered, status, done=done))
        if done:
            query = {name for name, _ in parse_qsl(scope["query_string"].decode())}
            trouble += _request_faults(version, operation, query, asked)
            self.seen.add((version, *place))
        self.wrong += [f"{version} {method} {path} -> {status}: {one}" for one in trouble]


def _request_faults(version: str, operation: Operation, query: set[str], asked: bytes) -> Iterator[str]:
    """What was taken, though it is not as described."""
    if unknown := query - operation.query - CURSORS:
        yield f"it has no parameter {', '.join(sorted(unknown))}"
    if asked and operation.body is None:
        yield f"it takes no body: {asked[:80]!r}"
    elif operation.body is not None and (asked or operation.method != "DELETE"):
        for fault in faults(version, operation.method, shape(operation.path), "body", asked or b"{}"):
            yield f"the request's {fault}"


def _answer_faults(version: str, operation: Operation, answered: bytes, status: int, *, done: bool) -> Iterator[str]:
    part = "answer" if done else str(status)
    if done and operation.answer is None:
        if answered:
            yield f"it answers nothing: {answered[:80]!r}"
    elif done or part in operation.refusals:
        for fault in faults(version, operation.method, shape(operation.path), part, answered):
            yield f"the answer's {fault}"


def _found(version: str, method: str, path: str) -> Operation | None:
    """The operation of a request; what goes by a repository's id is the same as what goes by its name.

    A last parameter may hold slashes, as a file's path does; but only where no other path fits.
    """
    path = re.sub(r"^/repositories/\d+", "/repos/-/-", path)
    mine = [one for (its, _), one in operations(version).items() if its == method]
    for last in ("[^/]+", ".+"):
        fitting = [one for one in mine if re.fullmatch(_pattern(one.path, last), path)]
        if fitting:
            return max(fitting, key=lambda one: len(one.path.replace("{}", "")))
    return None


@cache
def _pattern(path: str, last: str) -> str:
    parts = [re.escape(part) for part in path.split("{}")]
    ends = last if path.endswith("{}") else "[^/]+"
    return "[^/]+".join(parts[:-1]) + ends + parts[-1] if len(parts) > 1 else parts[0]
