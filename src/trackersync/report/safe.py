"""Text from trackers made harmless where it is read by more than eyes: Markdown, SARIF, commands of a runner.

A title can neither break a table nor ping anybody, nor command the machine that prints it.
"""

from __future__ import annotations

import re

from trackersync.core.diagnose import Finding
from trackersync.report.names import clean, cut

LONGEST_URL = 500
_BREAK = "&#8203;"
"""A space of no width, which ends what GitHub would take for a name, a number or an address."""

_MARKDOWN = str.maketrans(
    {letter: f"&#{ord(letter)};" for letter in "\\`*_[]|~$"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": f"@{_BREAK}", "#": f"#{_BREAK}"}
)
# ``https://…`` and ``:bomb:``; the bare host; and GitHub's other way to name an issue.
_MEANS = re.compile(r":(?=\S)|\b(?:www(?=\.)|gh-(?=\d))", re.IGNORECASE)
_LITERAL = re.compile(r"[\w .:/=#+-]+")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._-]+(?::\d{1,5})?(?:[/?#][A-Za-z0-9._~:/?#@!$&'*+,;=%-]*)?")


def page(url: str) -> str | None:
    """An address that people may follow: absolute, http or https, and nothing in it that ends a link; else None.

    A name before the host is none either: it reads like the host.
    """
    return url if len(url) <= LONGEST_URL and _ADDRESS.fullmatch(url) else None


def markdown(text: str, most: int = 300) -> str:
    """Text as a cell of a Markdown table: on one line, nothing in it means anything, and at most so long."""
    marked = cut(clean(text), most).translate(_MARKDOWN)
    return _MEANS.sub(lambda found: found[0] + _BREAK, marked)


def markdown_order(text: str) -> str:
    """An order with its commands, which stand in backquotes, as code."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0 or len(text) > 300 or not all(_LITERAL.fullmatch(part) for part in parts[1::2]):
        return markdown(text)
    # Cleaning takes off the space that stands between text and code.
    return "".join(
        f"`{part}`" if number % 2 else f"{' ' * part.startswith(' ')}{markdown(part)}{' ' * part.endswith(' ')}"
        for number, part in enumerate(parts)
    ).strip()


def markdown_link(key: str, url: str) -> str:
    """A key as a link to its page; only the key where its page has no address to follow."""
    found = page(url)
    if found is None:
        return markdown(key, 80)
    # Nothing in a link is taken for a number of an issue: the key stays one that can be copied.
    shown = markdown(key, 80).replace(f"#{_BREAK}", "#")
    return f"[{shown}]({found.replace('&', '&amp;').replace('$', '%24')})"


def sarif(text: str, most: int = 1000) -> str:
    """Text as a SARIF message: plain, on one line, and without links of its own, which are ``[text](address)``."""
    return cut(clean(text), most).replace("](", "] (")


def command_text(text: str) -> str:
    """The text of a runner's command, as GitHub escapes it."""
    return clean(text).replace("%", "%25")


def command_property(text: str) -> str:
    """A property of a runner's command, as GitHub escapes it."""
    return command_text(text).replace(":", "%3A").replace(",", "%2C")


def about(finding: Finding) -> str:
    """What a finding is about, in plain words: the key of the item at fault, or ``stage launch``."""
    return clean(finding.subject or next((seen.key for seen in finding.items), ""))
