"""Sentences beside a head, folded at words and indented as they begin."""

from __future__ import annotations

import textwrap

from rich.text import Text

from trackersync.report.text.screen import Screen


def hanging(screen: Screen, head: str | Text, text: str, *, style: str = "") -> None:
    """Say a sentence after its head; what does not fit stands below its beginning."""
    # As the console shows it: the marks of old ones are wider.
    text, begun = screen.cell(text).plain, screen.cell(head)
    folded = textwrap.wrap(text, screen.width - len(begun), break_long_words=False, break_on_hyphens=False)
    for number, part in enumerate(folded or [""]):
        screen.say(begun if number == 0 else " " * len(begun), (part, style))
