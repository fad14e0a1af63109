"""The check boxes in an issue's description, as a fact: ``evidence: [checklist]``.

``checklist`` is ``ticked`` where the description has action items and all of them are done, ``unticked`` while one is
to do, and empty without any. Source: Atlassian, "Atlassian Document Format", nodes ``taskList`` and ``taskItem``.

Only Cloud has them: the wiki text of Data Center knows no check boxes, so that there the fact is not shown at all, and
neither does the fact tell of the checklists that apps add.
"""

from __future__ import annotations

from collections.abc import Iterator

_BOXES = frozenset({"taskItem", "blockTaskItem"})


def checklist(description: object) -> tuple[str, ...]:
    """The fact ``checklist`` of a description in the Document Format."""
    boxes = set(_boxes(description))
    if not boxes:
        return ()
    return ("unticked",) if False in boxes else ("ticked",)


def _boxes(document: object) -> Iterator[bool]:
    """Whether each box is ticked, without recursion, so that no nesting is too deep."""
    todo: list[object] = [document]
    while todo:
        node = todo.pop()
        if not isinstance(node, dict):
            continue
        if node.get("type") in _BOXES:
            attributes = node.get("attrs")
            yield isinstance(attributes, dict) and attributes.get("state") == "DONE"
        content = node.get("content")
        if isinstance(content, list):
            todo.extend(content)
