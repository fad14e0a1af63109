"""Markdown: one screen first, worst first, never too long, and no text from a tracker that means anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from reported import GOLDEN, NOON, compared, finding, hostile, hostile_checks, outcome, seen

from trackersync.core.checked import Baseline, Checked, noted
from trackersync.core.model import Severity
from trackersync.core.process import Phase, Process, Stage
from trackersync.report.markdown import ROWS, check_markdown
from trackersync.report.safe import markdown, markdown_link, markdown_order, page

if TYPE_CHECKING:
    from trackersync.core.diagnose import Finding

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
PROCESS = Process(
    "small",
    (Stage("build", "Build", "development", "started", "", "", ()), Stage("done", "Done", "", "done", "", "", ())),
    (Phase("development", "Development", {}),),
)
OURS = re.compile(r"<details><summary>[A-Za-z ]+: [\w ,]+</summary>|</details>")
PINGS = re.compile(r"@[\w-]|(?<![\w&])#\d|\bgh-\d|https?://|\bwww\.|:\w+:", re.IGNORECASE)


def told(checked: Checked) -> str:
    return check_markdown(outcome(*checked.findings), checked, PROCESS, NOON)


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_every_table_of_the_sample_shop_is_a_table() -> None:
    text = GOLDEN.joinpath("check.md").read_text(encoding="utf-8")
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<table>") == 4
    assert html.count("<tr>") == len(rows(text)) - 4


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_checks())
def test_whatever_stands_in_a_finding_tables_hold_and_nothing_means_anything(checked: Checked) -> None:
    text = told(checked)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    heads = 0
    for token in parser.parse(text):
        assert token.type not in {"fence", "code_block", "bullet_list_open", "blockquote_open", "hr"}
        heads += token.type == "heading_open"
        if token.type == "html_block":
            assert OURS.fullmatch(token.content.strip()), token.content
        for child in token.children or ():
            assert child.type in {"text", "link_open", "link_close", "strong_open", "strong_close", "code_inline",
                                  "text_special", "softbreak"}, child  # fmt: skip
            if child.type == "link_open":
                assert str(child.attrs["href"]).startswith("https://acme.example/")
        if token.type == "inline":
            linked, plain = 0, ""
            for child in token.children or ():
                linked += {"link_open": 1, "link_close": -1}.get(child.type, 0)
                plain += child.content if not linked and child.type in {"text", "text_special"} else ""
            assert not PINGS.search(plain), plain
    assert heads == 1 + ("### Needs someone" in text)
    assert {row.count(" | ") for row in rows(text) if row.startswith("| ✗")} <= {4}
    widths = [
        len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>.*?</tr>", parser.render(text), re.DOTALL)
    ]
    assert set(widths) <= {3, 5, 6}


@given(hostile)
def test_text_is_a_cell_on_one_line(text: str) -> None:
    made = markdown(text)
    assert not set("|`<>[]*_~$\\\n\r") & set(made)
    assert made.isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Refund e-mail: wrong currency", "Refund e-mail: wrong currency", id="as it is"),
        pytest.param("ask @ada-l", "ask @&#8203;ada-l", id="nobody is pinged"),
        pytest.param("see #17", "see #&#8203;17", id="no issue is referred to"),
        pytest.param("GH-17", "GH-&#8203;17", id="nor that way"),
        pytest.param("https://a.example", "https:&#8203;//a.example", id="no address becomes a link"),
        pytest.param("a | b", "a &#124; b", id="a cell does not end"),
        pytest.param("a\n| b\u202e\u2028c", "a &#124; b c", id="nor a line"),
        pytest.param("<b>&amp;", "&lt;b&gt;&amp;amp;", id="no html"),
    ],
)
def test_escapes(text: str, expected: str) -> None:
    assert markdown(text) == expected


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        pytest.param("https://acme.example/browse/SHOP-1?x=1&y=2", True, id="https"),
        pytest.param("http://127.0.0.1:8080/x", True, id="http"),
        pytest.param("javascript:alert(1)", False, id="a script"),
        pytest.param("https://acme.example/a)b", False, id="what ends a link"),
        pytest.param("https://acme.example/a b", False, id="a space"),
        pytest.param("https://acme.example@evil.example/", False, id="a name that reads like the host"),
        pytest.param("https:///x", False, id="no host"),
        pytest.param("https://[x/", False, id="no address"),
        pytest.param("https://acme.example/" + "a" * 600, False, id="too long"),
    ],
)
def test_only_pages_are_links(url: str, followed: bool) -> None:
    assert (page(url) == url) is followed
    assert ("](" in markdown_link("SHOP-1", url)) is followed


def test_an_order_keeps_its_commands() -> None:
    assert markdown_order("look, then `trackersync resume shop#1`") == "look, then `trackersync resume shop#1`"
    assert "`" not in markdown_order("a `b|c` d")
    assert "`" not in markdown_order("a `b")


def many(severity: Severity, number: int, **more: object) -> list[Finding]:
    return [finding("no-owner", severity, seen(f"SHOP-{n}"), task=f"{severity}{n}", **more) for n in range(number)]


def test_errors_and_new_warnings_need_someone_and_the_rest_is_folded() -> None:
    error, fresh, stale = finding(), *(finding("x", WARNING, task=f"t{n}", place="other") for n in (2, 3))
    text = told(compared(error, fresh, stale, new=(fresh,)))

    first, _, folded = text.partition("<details>")
    assert text.startswith("## trackersync: 0 open tasks, 1 error, 1 new\n")
    assert [row.split(" | ")[0] for row in rows(first)[5:]] == ["| ✗", "| ! new"]
    assert "<summary>Warnings and notes: 1</summary>" in folded
    assert "1 new and 0 gone since Tuesday 3 March 2026 12:00 UTC." in text
    assert "| **1** | 0 | 0 | 0 | 2 (+1) |" in text


def test_warnings_come_before_notes_whatever_their_place() -> None:
    note, warning = finding("x", NOTE, seen("SHOP-1")), finding("y", WARNING, seen("SHOP-2"), task="t2", place="other")
    folded = told(compared(note, warning)).partition("Warnings and notes")[2]
    assert folded.index("SHOP-2") < folded.index("SHOP-1")


def test_a_first_check_calls_nothing_new() -> None:
    one = finding()
    assert "new" not in told(Checked((one,), frozenset({one})))


def test_a_clean_shop_is_a_few_lines() -> None:
    text = told(compared())
    assert text.startswith("## trackersync: 0 open tasks, nothing wrong, 0 new\n")
    assert "Needs someone" not in text


def test_a_baseline_folds_what_it_knows_and_tells_what_is_gone() -> None:
    old, new = many(ERROR, 2)
    checked = Checked(
        (old, new), since=NOON - timedelta(days=1), gone=(noted(finding("overdue"), NOON),),
        baseline=Baseline("known.json", frozenset({old}), ()),
    )  # fmt: skip
    text = told(checked)
    assert "1 new since the baseline known.json, 1 known, 0 gone." in text
    assert "<summary>Known in the baseline: 1</summary>" in text
    assert "| overdue | SHOP-42 | SHOP-42 is in build and has no owner |" in text


def test_two_hundred_rows_worst_first_and_the_rest_is_counted() -> None:
    text = told(compared(*many(ERROR, 150), *many(NOTE, 150)))
    assert len([row for row in rows(text) if "SHOP-" in row]) == ROWS
    assert "100 more: `trackersync check --all`" in text


def test_a_page_is_under_what_github_takes_whatever_stands_in_it() -> None:
    long = "@" * 5000
    items = tuple(replace(seen(long, id=str(n)), url="https://acme.example/" + "x" * 470) for n in range(9))
    some = [replace(one, items=items, title=long, message=long, fix=long, stage=long) for one in many(ERROR, 900)]
    text = told(compared(*some))
    assert len(text.encode()) < 1024 * 1024
    assert "more: `trackersync check --all`" in text
