"""Personal access tokens of Data Center, as their owner sees them; Cloud has no such resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account

if TYPE_CHECKING:
    from datetime import datetime


def tokens(call: Call) -> Answer:
    """List the caller's tokens: their names and times, and never the secrets."""
    if call.cloud:
        raise RefusalError(404, "null for uri: /rest/pat/latest/tokens")
    account(call)
    return Answer(200, [_shown(at, name, expiring) for at, (name, expiring) in enumerate(call.model.tokens.items(), 1)])


def _shown(at: int, name: str, expiring: datetime | None) -> dict[str, object]:
    shown: dict[str, object] = {"id": at, "name": name, "createdAt": "2026-01-01T00:00:00.000Z"}
    return shown if expiring is None else shown | {"expiringAt": expiring.isoformat(timespec="milliseconds")}
