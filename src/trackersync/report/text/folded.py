"""Sentences beside a head, folded at words and indented as they begin."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from trackersync.report.names import chopped
from trackersync.report.text.screen import Screen

ROOM = 16
"""Where less would be left beside a head, the sentence stands below it."""
BELOW = 4


def hanging(screen: Screen, head: str | Text, text: str, *, style: str = "") -> None:
    """Say a sentence after its head; what does not fit stands below its beginning."""
    # As the console shows it: the marks of old ones are wider.
    text, begun = screen.cell(text).plain, screen.cell(head)
    indent, room = begun.cell_len, screen.width - begun.cell_len
    if room < ROOM and cell_len(text) > room:
        begun.rstrip()
        screen.say(begun)
        indent = BELOW
        begun = Text(" " * indent)
    for number, part in enumerate(folded(text, screen.width - indent)):
        screen.say(begun if number == 0 else " " * indent, (part, style))


def folded(text: str, width: int) -> list[str]:
    """A sentence in lines of at most so many columns; at least one.

    A word that is wider has a line of its own, since keys and addresses are copied; but writing that knows no blanks
    (Chinese, Japanese) folds anywhere.
    """
    width = max(width, 1)
    lines: list[str] = [""]
    for word in text.split():
        left = word
        while left:
            gap = " " if lines[-1] and left is word else ""
            room = width - cell_len(lines[-1]) - len(gap)
            if cell_len(left) <= room or (not lines[-1] and not _dense(left)):
                lines[-1] += gap + left
                break
            begin = chopped(left, room) if _dense(left) and room > 1 else ""
            if begin:
                lines[-1] += gap + begin
                left = left[len(begin) :]
            elif not lines[-1]:
                # Not even one letter fits.
                lines[-1] = left
                break
            if begin and not left:
                break
            lines.append("")
    return lines


def _dense(word: str) -> bool:
    """Whether a word is of wide letters, between which a line may end."""
    return cell_len(word) > len(word)
