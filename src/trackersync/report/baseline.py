"""A baseline as a file: the findings a team starts with, kept beside its code. Keys and ids, no text of issues."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from trackersync.core.checked import Noted, noted
from trackersync.core.diagnose import Finding
from trackersync.core.model import Severity
from trackersync.report.times import utc

FORMAT = 1
"""The version of the file's shape."""


def baseline_text(findings: Iterable[Finding], at: datetime) -> str:
    """A baseline of these findings: one a line, sorted, so that its changes can be read in a review.

    Args:
        findings: what is known from now on.
        at: when that is.
    """
    entries = sorted({_entry(noted(finding, at)) for finding in findings})
    made = json.dumps(utc(at))
    lines = ",\n".join(f"    {entry}" for entry in entries)
    body = f"\n{lines}\n  " if lines else ""
    return f'{{\n  "format": {FORMAT},\n  "made": {made},\n  "findings": [{body}]\n}}\n'


def _entry(one: Noted) -> str:
    entry: dict[str, Any] = {"rule": one.rule, "severity": one.severity.value}
    entry |= {"subject": one.subject} if one.subject else {"keys": list(one.keys), "items": list(one.items)}
    return json.dumps(entry, ensure_ascii=False)


def read_baseline(text: str) -> tuple[Noted, ...]:
    """What stands in a baseline.

    Raises:
        ValueError: it is none; the sentence says why.
    """
    try:
        record = json.loads(text)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise ValueError(f"it is not a baseline of format {FORMAT}")
    try:
        made = datetime.fromisoformat(record["made"])
        return tuple(_noted(entry, made) for entry in record["findings"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a finding in it lacks {error}") from error


def _noted(entry: dict[str, Any], made: datetime) -> Noted:
    keys, items = entry.get("keys", []), entry.get("items", [])
    if not all(isinstance(one, str) for one in (entry["rule"], entry.get("subject", ""), *keys, *items)):
        raise TypeError("text")
    return Noted(
        entry["rule"],
        tuple(items),
        tuple(keys),
        entry.get("subject", ""),
        Severity(entry.get("severity", "warning")),
        "",
        made,
    )
