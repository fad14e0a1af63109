"""The custom fields of issues, which have other names on every site: picked out of an answer as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from trackersync.connector import Answer, decode
from trackersync_jira.shapes import Fetched, Found, Issue, Raw, RawFound
from trackersync_jira.site import Site

P = TypeVar("P", Found, Fetched)


def whole(site: Site, page: P, answer: Answer) -> P:
    """A page whose issues have their custom fields.

    Args:
        site: names the fields that were asked for.
        page: as decoded.
        answer: what it was decoded from.
    """
    if not site.custom:
        return page
    raws = decode(answer, RawFound).issues
    return msgspec.structs.replace(page, issues=[_with(site, *pair) for pair in zip(page.issues, raws, strict=True)])


def issue(site: Site, shown: Issue, answer: Answer) -> Issue:
    """The same of one issue."""
    return _with(site, shown, decode(answer, Raw)) if site.custom else shown


def chosen(value: object) -> tuple[str, ...]:
    """What a custom field holds: a choice by its value, text as it is; of several choices each."""
    if isinstance(value, list):
        return tuple(dict.fromkeys(one for member in value for one in chosen(member)))
    if isinstance(value, Mapping):
        value = next((value[name] for name in ("value", "name") if value.get(name)), None)
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    return (text,) if text else ()


def _with(site: Site, shown: Issue, raw: Raw) -> Issue:
    return msgspec.structs.replace(shown, custom={id_: raw.fields.get(id_) for id_ in site.custom})
