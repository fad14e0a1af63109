"""Webhooks that administrators make: list, show, create, change, delete. Secrets are taken, never shown.

Atlassian, "Webhooks": Cloud and Data Center before 10 have them at ``/rest/webhooks/1.0/webhook``, with ``enabled``,
``filters`` and ``secret``; Data Center since 10 at ``/rest/jira-webhook/1.0/webhooks``, with ``active``, an ``id``, and
the rest in ``configuration``, whose values are texts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.jira import jql
from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account
from trackersync.sandbox.jira.premises import Hook

if TYPE_CHECKING:
    from collections.abc import Callable

_SECTION: Final = "issue-related-events-section"
_OLDER: Final = frozenset({"name", "description", "url", "events", "filters", "excludeBody", "enabled", "secret"})
_NEWER: Final = frozenset({"id", "name", "url", "events", "active", "scopeType", "configuration"})
_CONFIGURATION: Final = frozenset({"FILTERS", "EXCLUDE_BODY", "SECRET", "DESCRIPTION"})


def listed(call: Call) -> Answer:
    """List the webhooks to an administrator."""
    _admit(call)
    return Answer(200, [_shown(call, hook, number) for number, hook in _numbered(call)])


def one(call: Call) -> Answer:
    """Show a webhook."""
    _admit(call)
    number, hook = _found(call)
    return Answer(200, _shown(call, hook, number))


def create(call: Call) -> Answer:
    """Make a webhook."""
    _admit(call)
    hooks = call.model.premises.hooks
    number = max((number for number, _ in _numbered(call)), default=0) + 1
    made = _asked(call, Hook("", "", id=number, base=call.base, cloud=call.cloud))
    hooks.append(made)
    return Answer(201, _shown(call, made, number))


def edit(call: Call) -> Answer:
    """Change a webhook: what is not named stays, but for the secret of the newer kind, which is part of a whole."""
    _admit(call)
    number, old = _found(call)
    new = _asked(call, replace(old, id=number))
    call.model.premises.hooks[call.model.premises.hooks.index(old)] = new
    return Answer(200, _shown(call, new, number))


def delete(call: Call) -> Answer:
    """Delete a webhook."""
    _admit(call)
    call.model.premises.hooks.remove(_found(call)[1])
    return Answer(204)


def _admit(call: Call) -> None:
    account(call)
    if not call.model.premises.administrator:
        raise RefusalError(403, "You do not have permission to view webhooks.")
    if _modern(call) == (call.cloud or call.model.premises.old_hooks):
        raise RefusalError(404, f"null for uri: {call.path}")


def _modern(call: Call) -> bool:
    return "jira-webhook" in call.path


def _numbered(call: Call) -> list[tuple[int, Hook]]:
    return [(hook.id or at, hook) for at, hook in enumerate(call.model.premises.hooks, 1)]


def _found(call: Call) -> tuple[int, Hook]:
    for number, hook in _numbered(call):
        if str(number) == str(call.params["hook"]):
            return number, hook
    raise RefusalError(404, "The webhook does not exist.")


def _asked(call: Call, hook: Hook) -> Hook:
    asked = call.fields()
    modern = _modern(call)
    inner = asked.get("configuration" if modern else "filters") or {}
    strange = sorted(set(asked) - (_NEWER if modern else _OLDER))
    strange += sorted(set(inner) - (_CONFIGURATION if modern else {_SECTION}))
    if strange:
        raise RefusalError(400, f'Unrecognized field "{strange[0]}".')
    if any(not isinstance(value, str) for value in inner.values()):
        raise RefusalError(400, "A text is needed.")
    if not (asked.get("name") or hook.name) or not (asked.get("url") or hook.url):
        raise RefusalError(400, "The webhook needs a name and a URL.")
    query = inner.get("FILTERS" if modern else _SECTION, hook.jql)
    if query:
        try:
            jql.read(query, call.model.time_zone, call.model.clock)
        except jql.JqlError as error:
            raise RefusalError(400, str(error)) from None
    secret = inner.get("SECRET", "") if modern else asked.get("secret", hook.secret)
    return replace(
        hook,
        name=asked.get("name", hook.name),
        url=asked.get("url", hook.url),
        enabled=asked.get("active" if modern else "enabled", hook.enabled),
        events=tuple(asked.get("events", hook.events)),
        secret=secret if call.model.premises.signs else "",
        jql=query,
    )


def _shown(call: Call, hook: Hook, number: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": hook.name, "url": hook.url, "events": list(hook.events)}
    if _modern(call):
        configuration = {"EXCLUDE_BODY": "false"} | ({"FILTERS": hook.jql} if hook.jql else {})
        return shown | {"id": number, "active": hook.enabled, "scopeType": "global", "configuration": configuration}
    path = call.path if call.path.endswith("/webhook") else call.path.rpartition("/")[0]
    filters = {_SECTION: hook.jql} if hook.jql else {}
    more = {"self": f"{call.base}{path}/{number}", "enabled": hook.enabled, "filters": filters, "excludeBody": False}
    return shown | more


ROUTES: Final[tuple[tuple[str, str, Callable[[Call], Answer]], ...]] = tuple(
    route
    for base in ("/rest/webhooks/1.0/webhook", "/rest/jira-webhook/1.0/webhooks")
    for route in (
        ("GET", base, listed),
        ("POST", base, create),
        ("GET", base + "/{hook}", one),
        ("PUT", base + "/{hook}", edit),
        ("DELETE", base + "/{hook}", delete),
    )
)
