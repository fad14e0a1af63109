"""``check`` says who could own what nobody owns, where the configuration lets it ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from product import Shop


@pytest.fixture
def advised(shop: Shop) -> Shop:
    """The shop with owners of files and of an area."""
    hub = shop.sandbox.github
    hub.code.files["CODEOWNERS"] = "* @susan-k\n/refund/ @grace-h\n"
    hub.code.open_pull("Currency", closes=[9], files=["refund/mail.py"], by="ada-l")
    hub.add_label("area: payments")
    hub.edit(14, labels=[*hub.issue(14).labels, "area: payments"])
    shop.tracker("github", codeowners=True, evidence=["pulls"], areas={"area: payments": ["alan-t"]})
    return shop


def could_be(record: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        finding["items"][0]["key"]: [(one["person"], one["because"]) for one in finding["could_be"]]
        for finding in record["findings"]
        if finding["rule"] == "no-owner"
    }


def test_the_table_names_the_likeliest_and_why(advised: Shop) -> None:
    lines = advised.run("check").out.splitlines()
    table = lines[next(n for n, line in enumerate(lines) if line.startswith("no owner")) :][:6]
    assert table[0].split()[-3:] == ["for", "could", "be"]
    last = {line.split()[1]: line.split()[-2:] for line in table[1:]}
    assert last["SHOP-31"] == ["grace-h,", "CODEOWNERS"]
    assert last["SHOP-38"] == ["area", "payments"]
    assert [words[-1] for key, words in last.items() if key not in {"SHOP-31", "SHOP-38"}] == ["-", "-", "-"]


def test_json_names_them_all_by_the_names_of_people(advised: Shop) -> None:
    person = next(one for one in advised.settings["people"] if one["name"] == "grace-h")
    person["name"] = "grace"
    advised.configure()
    shown = could_be(advised.json("check", code=1))
    assert shown["SHOP-31"] == [
        ("grace", "CODEOWNERS"), ("ada-l", "last committed to #45"), ("susan-k", "CODEOWNERS")
    ]  # fmt: skip
    assert shown["SHOP-38"] == [("alan-t", "owns the area payments"), ("susan-k", "CODEOWNERS")]
    # Not of the backlog, which needs nobody yet, and not of what is on jira only.
    assert sum(bool(some) for some in shown.values()) == 2


def test_by_default_nobody_is_asked_and_the_table_is_as_it_was(shop: Shop) -> None:
    done = shop.run("check")
    assert "could be" not in done.out
    assert not [one for one in shop.sandbox.github.requests if "contents" in one.path or "graphql" in one.path]
    assert not any(could_be(shop.json("check", code=1)).values())


def test_what_cannot_be_asked_fails_no_check(advised: Shop) -> None:
    advised.tracker("github", evidence=None)
    advised.run("check")
    advised.sandbox.github.code.readable = False
    done = advised.run("check")
    assert done.code == 1
    assert "who could own what nobody owns is not known" in done.said
    assert "could be" not in done.said
    assert advised.writes == 0
