"""A page of Markdown read as GitHub reads it: nothing that a tracker said means anything in it."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

OURS = re.compile(r"<details><summary>[A-Za-z ]+: [\w ,]+</summary>|</details>|<!-- trackersync [0-9a-f]{16} -->")
PINGS = re.compile(r"@[\w-]|(?<![\w&])#\d|\bgh-\d|https?://|\bwww\.|:\w+:", re.IGNORECASE)
BLOCKS = frozenset(
    f"{name}_{side}"
    for name in ("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td")
    for side in ("open", "close")
) | {"inline", "html_block"}
INLINE = frozenset(
    (
        *("text", "link_open", "link_close", "strong_open", "strong_close", "em_open", "em_close"),
        *("code_inline", "text_special", "softbreak"),
    )
)


def headings(text: str, *hosts: str) -> list[str]:
    """The page's headings, once it is known to hold nothing but our own kinds of blocks, and links to these hosts.

    Args:
        text: the page.
        hosts: the beginnings of addresses that may be followed.
    """
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found, tokens = [], parser.parse(text)
    assert {token.type for token in tokens} <= BLOCKS, {token.type for token in tokens} - BLOCKS
    opened = 0
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            found.append(tokens[number + 1].content)
        if token.type == "html_block":
            assert OURS.fullmatch(token.content.strip()), token.content
            opened += token.content.count("<details>") - token.content.count("</details>")
            assert 0 <= opened <= 1
        linked, plain = 0, ""
        for child in token.children or ():
            assert child.type in INLINE, child
            linked += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            if child.type == "link_open":
                assert str(child.attrs["href"]).startswith(hosts), child.attrs
            plain += child.content if not linked and child.type in {"text", "text_special"} else ""
        assert not PINGS.search(plain), plain
        # The space of no width is ours: it ends what GitHub would take for a name.
        assert plain.replace("\u200b", "").isprintable(), ascii(plain)
    assert opened == 0, "a section is left open"
    return found
