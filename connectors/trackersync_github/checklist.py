"""The check boxes in an issue's text, as a fact: ``evidence: [checklist]``.

``checklist`` is ``ticked`` where the text has check boxes and all of them are ticked, ``unticked`` while one is open,
and empty without any. They are those that GitHub shows: items of lists that begin with ``[ ]`` or ``[x]`` ("About
tasklists"; GitHub Flavored Markdown, "Task list items"). What stands in a block of code or in a comment is none, as in
the templates of issues. The text comes with the issue, so that nothing is asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from trackersync.connector import Facts
from trackersync_github.wire import Issue

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BOX = re.compile(r"\[([ xX])\][ \t\n]+\S")
_BLOCKS = ("blockquote", "code", "fence", "heading", "hr", "html_block", "lheading", "list", "reference", "table")


class Checklists:
    """The source of this fact; see ``completing.Supplement``."""

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        """By number, whether the boxes of these issues are ticked."""
        return {issue.number: {"checklist": checklist(issue.body or "")} for issue in issues}

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        """None: whoever ticks a box edits the issue."""
        return ()


def checklist(body: str) -> tuple[str, ...]:
    """The fact ``checklist`` of a text."""
    if "[ ]" not in body and "[x]" not in body and "[X]" not in body:
        return ()
    boxes = set(_boxes(body))
    if not boxes:
        return ()
    return ("unticked",) if False in boxes else ("ticked",)


@cache
def _markdown() -> MarkdownIt:
    """Blocks alone: what stands inside a line is of no interest, and costs the most."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # only where a text has boxes: every command starts faster

    return MarkdownIt("zero", {"html": True}).enable(list(_BLOCKS)).disable("inline")


def _boxes(body: str) -> Iterator[bool]:
    """Whether each box is ticked, in the order of reading: a box is what the first paragraph of an item begins with."""
    blocks = [block for block in _markdown().parse(body) if block.type != "paragraph_open"]
    for before, block in pairwise(blocks):
        if before.type == "list_item_open" and block.type == "inline" and (box := _BOX.match(block.content)):
            yield box[1] != " "
