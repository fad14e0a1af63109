"""Custom fields: what administrators add to issues, and what Jira takes and shows of a value by the field's type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackersync.sandbox.jira.model import Jira, User

JsonObject = dict[str, Any]

TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"
_PLUGINS = {"gh-epic-link": "com.pyxis.greenhopper.jira"}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that somebody added.

    Attributes:
        id: ``customfield_10040``.
        name: what people call it; several may be called alike.
        type: the type that its schema tells: ``option``, ``array``, ``string``, ``number``, ``date``, ``user``.
        items: of an array, the type of its members.
        kind: the last word of its plug-in's key: ``select``, ``textarea``, ``multiuserpicker``.
        options: the values of its options; their ids follow from their places.
    """

    id: str
    name: str
    type: str = "option"
    items: str = ""
    kind: str = "select"
    options: tuple[str, ...] = ()

    @property
    def schema(self) -> JsonObject:
        """What ``GET /field`` and screens tell of its type."""
        items = {"items": self.items} if self.items else {}
        number = int(self.id.removeprefix("customfield_"))
        custom = f"{_PLUGINS.get(self.kind, TYPES)}:{self.kind}"
        return {"type": self.type, "custom": custom, "customId": number} | items

    @property
    def allowed(self) -> list[JsonObject]:
        """Its options, as screens offer them."""
        return [
            {"id": str(20_000 + 100 * int(self.id[-2:]) + at), "value": value} for at, value in enumerate(self.options)
        ]


FLAGGED = CustomField("customfield_10021", "Flagged", "array", "option", "multicheckboxes", ("Impediment",))
"""The field by which boards flag an issue, as Jira makes it."""


class UnfitError(ValueError):
    """A value that is not of the field's type, in Jira's words."""


def taken(model: Jira, field: CustomField, value: object, *, cloud: bool, version: str) -> Any:  # noqa: ANN401  # JSON
    """Read a value that a caller sends, into what the issue will show; None takes it off.

    Raises:
        UnfitError: Jira refuses it.
    """
    if value is None:
        return None
    if field.type == "array":
        if not isinstance(value, list):
            raise UnfitError("data was not an array")
        return [_one(model, field, field.items, member, cloud=cloud, version=version) for member in value] or None
    return _one(model, field, field.type, value, cloud=cloud, version=version)


def shown(value: object) -> str | None:
    """A value as the history tells it."""
    if isinstance(value, dict):
        return str(value.get("value", value.get("name", value.get("displayName", value))))
    if isinstance(value, list):
        return ", ".join(shown(member) or "" for member in value)
    return None if value is None else str(value)


def _one(model: Jira, field: CustomField, kind: str, value: object, *, cloud: bool, version: str) -> Any:  # noqa: ANN401
    if kind == "option":
        return _option(field, value)
    if kind == "user":
        return _user(model, value, cloud=cloud)
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnfitError("Operation value must be a number")
        return value
    if field.kind == "textarea" and version != "2":
        if not isinstance(value, dict) or value.get("type") != "doc":
            raise UnfitError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
        return value
    if not isinstance(value, str):
        raise UnfitError("Operation value must be a string")
    return value


def _option(field: CustomField, value: object) -> JsonObject:
    asked: Mapping[str, object] = value if isinstance(value, dict) else {}
    for option in field.allowed:
        if asked.get("id") == option["id"] or asked.get("value") == option["value"]:
            return option
    raise UnfitError(f"Specify a valid 'id' or 'name' for {field.name}")


def _user(model: Jira, value: object, *, cloud: bool) -> JsonObject:
    asked = value.get("accountId" if cloud else "name") if isinstance(value, dict) else None
    user = model.user(str(asked)) if asked else None
    if user is None:
        raise UnfitError("User does not exist")
    return shown_user(user)


def shown_user(user: User) -> JsonObject:
    """A user as a field shows them."""
    return {"accountId": user.account_id, "accountType": user.account_type, "name": user.name, "key": user.key,
            "displayName": user.display_name, "active": user.active}  # fmt: skip
