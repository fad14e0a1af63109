"""How issues are related, as facts: ``evidence: [relations]``.

========================  ===========================================================================================
``parent``                the key of the issue that this one is a part of: the parent of a sub-task or, in team-managed
                          projects and on Cloud, any parent; else the classic Epic Link of Data Center
``progress``              of an issue with sub-tasks, how many are finished: ``3/5``
``blocked``               ``open`` while an issue that blocks this one is open; ``cleared`` once all are finished
``blockers``              the keys of the issues that block this one, finished or not
``duplicate_of``          the keys of the issues that this one is linked to as their duplicate
``related``               the keys of all issues that it is linked to, by whatever type and in either direction
``due``                   the date by which it is due: ``2026-03-05``
``flagged``               what it is flagged with: ``Impediment``
========================  ===========================================================================================

All of it stands in the issue's own JSON; the fields are asked for only where relations are wanted. Which custom field
holds the flag, and on Data Center the epic, is asked once in a run. An issue is finished whose status is of the
category ``done``. Jira counts the issues of an epic in no field of the epic, so an epic has no progress but that of its
sub-tasks.

What a link means is told by the name of its type, which administrators choose (``link_types`` of the settings), and by
its direction: of a link shown with ``inwardIssue`` the type's inward words are true of this issue, of one with
``outwardIssue`` the outward ones (Atlassian, "The Jira Cloud platform REST API" v3, ``IssueLink``). So the one that is
blocked shows the blocker as ``inwardIssue``, and a duplicate the original as ``outwardIssue``.

Rules may use ``blocked``. Whether a change of another issue moves this one's ``updated`` Jira does not promise: where
it does not (a blocker that is finished, a sub-task too), the next full scan or a webhook shows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from trackersync.connector import Facts
from trackersync_jira.customs import chosen
from trackersync_jira.shapes import Field, Issue, IssueLink, Relative
from trackersync_jira.site import Ties

FIELDS = ("parent", "subtasks", "issuelinks", "duedate")
"""The fields that this takes, besides the flag and Data Center's Epic Link."""

EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
"""The schema of the custom field in which Data Center keeps an issue's epic."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def epic_link(fields: Iterable[Field]) -> str:
    """The id of the custom field that holds an issue's epic; empty where there is none."""
    return next((field.id for field in fields if field.schema is not None and field.schema.custom == EPIC_LINK), "")


def flag(fields: Iterable[Field]) -> str:
    """The id of the custom field in which issues are flagged; empty where there is none.

    Its type is any check boxes', so it is known by the name that Jira gave it, which Cloud tells beside a translation.
    Where others took the same name, the first is Jira's: it was there before them.
    """
    return min((field.id for field in fields if _is_flag(field)), key=_number, default="")


def ties(names: Mapping[str, Collection[str]], epic: str = "", flagged: str = "") -> Ties:
    """What tells relations in one Jira, from the configured names of link types."""
    blocks, duplicate = ({name.casefold() for name in names[key]} for key in ("blocks", "duplicate"))
    return Ties(frozenset(blocks), frozenset(duplicate), epic, flagged)


def related(issue: Issue, known: Ties) -> Facts:
    """What an issue's JSON shows of its relations."""
    fields = issue.fields
    links = fields.issuelinks or []
    parts = fields.subtasks or []
    blockers = [link.inward_issue for link in _of(links, known.blocks) if link.inward_issue is not None]
    originals = [link.outward_issue for link in _of(links, known.duplicate) if link.outward_issue is not None]
    return {
        "parent": _present(fields.parent.key if fields.parent is not None else _epic(issue, known)),
        "progress": _present(f"{sum(map(_finished, parts))}/{len(parts)}" if parts else ""),
        "blocked": _present(("cleared" if all(map(_finished, blockers)) else "open") if blockers else ""),
        "blockers": _keys(blockers),
        "duplicate_of": _keys(originals),
        "related": _keys(end for link in links for end in (link.inward_issue, link.outward_issue) if end is not None),
        "due": _present(found[0] if (found := _DATE.match(fields.duedate or "")) else ""),
        "flagged": chosen(issue.custom.get(known.flagged)) if known.flagged else (),
    }


def _is_flag(field: Field) -> bool:
    named = "flagged" in {(field.untranslated_name or "").casefold(), field.name.casefold()}
    return named and field.schema is not None and (field.schema.type, field.schema.items) == ("array", "option")


def _number(field: str) -> int:
    number = field.rpartition("_")[2]
    return int(number) if number.isdecimal() else 0


def _keys(others: Iterable[Relative]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other.key for other in others if other.key))


def _of(links: Iterable[IssueLink], names: Collection[str]) -> list[IssueLink]:
    return [link for link in links if link.type.name.casefold() in names]


def _epic(issue: Issue, known: Ties) -> str:
    value = issue.custom.get(known.epic) if known.epic else None
    return value if isinstance(value, str) else ""


def _finished(other: Relative) -> bool:
    status = other.fields.status if other.fields is not None else None
    return status is not None and status.status_category is not None and status.status_category.key == "done"


def _present(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
