"""How each flavour of Jira writes an entry of the changelog.

Cloud names fields by ``fieldId`` too and people by account id. Data Center's older versions name fields by the words of
the history alone, and all of them name people by their keys, which since 8.4 are not their user names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.jira.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackersync.sandbox.jira.model import History, Jira

WORDS: Final = {"components": "Component", "fixVersions": "Fix Version", "issuekey": "Key"}
"""What the history calls a field that it does not call by its id."""

PEOPLE: Final = frozenset({"assignee", "reporter"})


def entry(model: Jira, found: History, author: dict[str, Any] | None, *, cloud: bool) -> dict[str, Any]:
    """Render one entry.

    Args:
        model: the site.
        found: what happened.
        author: who did it, rendered; None for nobody.
        cloud: whether Cloud writes it; else Data Center.
    """
    items = []
    for name, before, before_text, after, after_text in found.items:
        custom = name.startswith("customfield_")
        item: dict[str, Any] = {"field": called(model, name), "fieldtype": "custom" if custom else "jira"}
        if cloud:
            item["fieldId"] = name
        elif name in PEOPLE:
            before, after = (_key(model, account) for account in (before, after))  # noqa: PLW2901  # same, as written
        elif custom:
            before, after = (_several(model, people) for people in (before, after))  # noqa: PLW2901
        items.append(item | {"from": before, "fromString": before_text, "to": after, "toString": after_text})
    return {"id": str(found.id), "author": author, "created": moments.jira(found.created), "items": items}


def called(model: Jira, field: str) -> str:
    """What the history calls a field."""
    custom = model.custom_fields.get(field)
    return WORDS.get(field, field) if custom is None else custom.name


def ids(value: object) -> str | None:
    """A custom field's value by id, as Cloud tells it: of an option or a user its id, of several ``[id, id]``."""
    if isinstance(value, list):
        return f"[{', '.join(ids(member) or '' for member in value)}]"
    found = value.get("accountId", value.get("id")) if isinstance(value, dict) else None
    return None if found is None else str(found)


def parts(
    name: str, before: tuple[str, ...], after: tuple[str, ...]
) -> Iterator[tuple[str, str | None, str | None, str | None, str | None]]:
    """Components and versions, which Jira tells one by one: each that went and each that came."""
    for part in before:
        if part not in after:
            yield name, Part(part).id, part, None, None
    for part in after:
        if part not in before:
            yield name, None, None, Part(part).id, part


def _several(model: Jira, people: str | None) -> str | None:
    """Several users as Data Center tells them: ``[name(key), name(key)]``."""
    users = [model.users.get(one) for one in (people or "").strip("[]").split(", ")]
    if None in users:
        return people
    return f"[{', '.join(f'{user.name}({user.key})' for user in users if user is not None)}]"


def _key(model: Jira, account: str | None) -> str | None:
    user = model.users.get(account or "")
    return account if user is None else user.key
