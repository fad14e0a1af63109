"""Webhooks of a repository or an organisation: list, create, show, change, delete, ping, deliver once more.

Secrets are taken, never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github.call import RefusalError, invalid, not_found
from trackersync.sandbox.github.listing import page_size
from trackersync.sandbox.github.routes import Answer, check_repository, paged

if TYPE_CHECKING:
    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.notices import Delivered

_MEMBERS: Final = frozenset({"name", "config", "events", "active"})
_CONFIG: Final = frozenset({"url", "content_type", "secret", "insecure_ssl"})
_MASK: Final = "********"
_MOST: Final = 20
_UNUSED: Final = {"code": None, "status": "unused", "message": None}


def listed(call: Call) -> Answer:
    """List the webhooks."""
    return paged(call, [_shown(call, hook) for hook in _hooks(call).values()])


def one(call: Call) -> Answer:
    """Show a webhook."""
    return Answer(200, _shown(call, _hook(call)))


def create(call: Call) -> Answer:
    """Make a webhook; 422 where there is one with the same address and events, or too many."""
    hooks, asked = _hooks(call), _asked(call)
    config = asked.get("config")
    if not isinstance(config, dict) or not config.get("url"):
        raise invalid("url", code="missing_field", resource="Hook")
    if asked.get("name", "web") != "web":
        raise invalid("name", value=asked["name"], resource="Hook")
    events = asked.get("events") or ["push"]
    if any(hook["config"]["url"] == config["url"] and set(hook["events"]) & set(events) for hook in hooks.values()):
        raise _custom("Hook already exists on this repository")
    if len(hooks) >= _MOST:
        raise _custom(f"The event cannot have more than {_MOST} hooks")
    call.model.hub.hooks_given += 1
    made = {
        "id": 480_000_000 + call.model.hub.hooks_given,
        "active": asked.get("active", True),
        "events": list(dict.fromkeys(events)),
        "config": {"content_type": "form", "insecure_ssl": "0", **config},
        "base": call.base,
    }
    hooks[made["id"]] = made
    if made["active"]:
        call.model.hub.notices.ping(call.model, made)
    return Answer(201, _shown(call, made))


def edit(call: Call) -> Answer:
    """Change a webhook: what is named replaces; a configuration without its secret takes the secret away."""
    hook, asked = _hook(call), _asked(call)
    if "config" in asked:
        hook["config"] = {"content_type": "form", "insecure_ssl": "0", **asked["config"]}
    hook["events"] = list(dict.fromkeys(asked.get("events", hook["events"])))
    hook["active"] = asked.get("active", hook["active"])
    return Answer(200, _shown(call, hook))


def deliveries(call: Call) -> Answer:
    """List a webhook's deliveries, the latest first; the first page of them, since nobody here asks for more."""
    hook = _hook(call)
    rows = call.model.hub.notices.delivered.get(hook["id"], [])
    if (status := call.query.get("status")) is not None:
        rows = [one for one in rows if (200 <= one.code < 300) == (status == "success")]
    return Answer(200, [_delivery(hook, one) for one in rows[: page_size(call.query)]])


def attempt(call: Call) -> Answer:
    """Deliver something once more."""
    hook = _hook(call)
    for one in call.model.hub.notices.delivered.get(hook["id"], []):
        if one.id == call.params["delivery"]:
            call.model.hub.notices.again(hook, one)
            return Answer(202, {})
    raise not_found()


def ping(call: Call) -> Answer:
    """Ping a webhook."""
    call.model.hub.notices.ping(call.model, _hook(call))
    return Answer(204)


def delete(call: Call) -> Answer:
    """Delete a webhook."""
    del _hooks(call)[_hook(call)["id"]]
    return Answer(204)


def _custom(message: str) -> RefusalError:
    fault = {"resource": "Hook", "code": "custom", "message": message}
    return RefusalError(422, "Validation Failed", errors=[fault])


def _asked(call: Call) -> dict[str, Any]:
    asked = call.fields()
    unknown = sorted(set(asked) - _MEMBERS) or sorted(set(asked.get("config") or {}) - _CONFIG)
    if unknown:
        raise RefusalError(422, f"The sandbox does not serve the member {unknown[0]!r} and will not ignore it")
    return asked


def _hooks(call: Call) -> dict[int, dict[str, Any]]:
    hub = call.model.hub
    if "org" in call.params:
        owner = call.params["org"].casefold()
        if owner in hub.users or owner not in {model.owner.casefold() for model in hub.models}:
            raise not_found()
        return hub.hooks.setdefault(owner, {})
    check_repository(call)
    return hub.hooks.setdefault(str(call.model.repository_id), {})


def _hook(call: Call) -> dict[str, Any]:
    hooks = _hooks(call)
    if call.params["hook"] not in hooks:
        raise not_found()
    return hooks[call.params["hook"]]


def _shown(call: Call, hook: dict[str, Any]) -> dict[str, Any]:
    where = f"orgs/{call.params['org']}" if "org" in call.params else f"repos/{call.model.repository}"
    url = f"{call.base}/{where}/hooks/{hook['id']}"
    config = {**hook["config"], **({"secret": _MASK} if hook["config"].get("secret") else {})}
    shown = {
        "type": "Organization" if "org" in call.params else "Repository",
        "id": hook["id"],
        "name": "web",
        "active": hook["active"],
        "events": hook["events"],
        "config": config,
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-01T00:00:00Z",
        "url": url,
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
    }
    if "org" not in call.params:
        last = next(iter(call.model.hub.notices.delivered.get(hook["id"], [])), None)
        told = {"code": last.code, "status": "active", "message": last.status} if last is not None else _UNUSED
        shown |= {"test_url": f"{url}/tests", "last_response": told}
    return shown


def _delivery(hook: dict[str, Any], one: Delivered) -> dict[str, Any]:
    guid = one.sent.headers["x-github-delivery"] if one.sent else f"72d3162e-cc78-11e3-81ab-{one.at:012x}"
    return {
        "id": one.id,
        "guid": guid,
        "delivered_at": moments.github(one.at),
        "redelivery": one.redelivery,
        "duration": 0.2,
        "status": one.status,
        "status_code": one.code,
        "event": one.event or hook["events"][0],
        "action": None,
        "installation_id": None,
        "repository_id": None,
    }


ROUTES: Final[tuple[tuple[str, str, Any], ...]] = tuple(
    route
    for base in ("/repos/{owner}/{repo}/hooks", "/orgs/{org}/hooks")
    for route in (
        ("GET", base, listed),
        ("POST", base, create),
        ("GET", base + "/{hook:int}", one),
        ("PATCH", base + "/{hook:int}", edit),
        ("DELETE", base + "/{hook:int}", delete),
        ("GET", base + "/{hook:int}/deliveries", deliveries),
        ("POST", base + "/{hook:int}/deliveries/{delivery:int}/attempts", attempt),
        ("POST", base + "/{hook:int}/pings", ping),
    )
)
