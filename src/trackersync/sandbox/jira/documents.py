"""Atlassian's document format (ADF): long texts as version 3 of the API writes them, and back."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, Final
from zlib import crc32

JsonObject = dict[str, Any]

_BOX: Final = re.compile(r"[-*] \[([ xX])\] (.+)")


def document(text: str) -> JsonObject:
    """Write plain text: a paragraph a line, and lines that begin with ``- [ ]`` or ``- [x]`` as action items."""
    content: list[JsonObject] = []
    for boxes, lines in groupby(text.split("\n"), key=lambda line: _BOX.fullmatch(line) is not None):
        if boxes:
            items = [_item(line) for line in lines]
            content.append({"type": "taskList", "attrs": {"localId": _local(text)}, "content": items})
        else:
            content += [_paragraph(line) for line in lines]
    return {"type": "doc", "version": 1, "content": content}


def plain(value: object) -> str | None:
    """Read a long text back from a string or from a document."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else None
    kind = value.get("type")
    if kind == "text":
        return str(value.get("text", ""))
    inner = [plain(part) or "" for part in value.get("content", [])]
    if kind == "taskItem":
        ticked = value.get("attrs", {}).get("state") == "DONE"
        return f"- [{'x' if ticked else ' '}] {''.join(inner)}"
    return ("\n" if kind in {"doc", "taskList"} else "").join(inner)


def _paragraph(line: str) -> JsonObject:
    if not line:
        return {"type": "paragraph"}
    return {"type": "paragraph", "content": [{"type": "text", "text": line}]}


def _item(line: str) -> JsonObject:
    found = _BOX.fullmatch(line)
    ticked, words = found.groups() if found is not None else ("", line)
    return {
        "type": "taskItem",
        "attrs": {"localId": _local(words), "state": "TODO" if ticked == " " else "DONE"},
        "content": [{"type": "text", "text": words}],
    }


def _local(text: str) -> str:
    return f"{crc32(text.encode()):08x}"
