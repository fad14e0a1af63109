"""``trackersync rules``: what each rule is, how it holds here, and the documentation that is made from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from product import CHECKOUT, invoke, spawn
from trackersync.cli.app import app
from trackersync.core.diagnose import RULES, Amendment, Fault, Rule, Rulebook, Tally, setting
from trackersync.core.model import Severity
from trackersync.errors import ConfigError
from trackersync.report.rules import entries, named, rule_record, rules_page, sample, silencing, word
from trackersync.report.text.rules import rule_screen, rules_screen
from trackersync.report.text.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from product import Shop
    from trackersync.core.diagnose import AnyRule, Case

MONTH = timedelta(days=30)
PAGE = CHECKOUT / "docs" / "rules.md"


@dataclass(frozen=True, slots=True)
class Settings:
    most: int = setting(3, "So many.")
    within: timedelta = setting(MONTH, "So long.")
    types: tuple[str, ...] = setting(("bug", "defect"), "Of these types.")


def _nothing(_: Case, __: object) -> Iterable[Fault]:
    return ()


def a_rule(name: str = "slow-bug", **more: object) -> AnyRule:
    known: dict[str, object] = {
        "family": "bugs", "summary": "A bug | that <b>waits</b>.", "why": "Customers wait too.", "fix": "mend it",
        "judge": _nothing, "settings": Settings, "severity": Severity.WARNING, "needs": "evidence: [relations]",
    }  # fmt: skip
    return Rule(name=name, **(known | more))  # type: ignore[arg-type]  # rows of a test say what differs


TOTAL = a_rule("crowd", judge=None, tally=Tally(lambda *_: (), lambda *_: ()), needs="", off=True)
SAID = {
    "slow-bug": [
        Amendment(Severity.NOTE, {"most": 5}),
        Amendment("off", stage="idea"),
        Amendment("off", stage="research"),
        Amendment(None, {"most": 9}, project="acme/*"),
        Amendment(Severity.NOTE, project="other/same"),
    ]
}
BOOK = Rulebook([a_rule(), TOTAL], SAID)


def drawn(*, width: int = 100, unmet: Iterable[str] = ()) -> str:
    screen, stream = Screen.into(width)
    rules_screen(screen, entries(BOOK, list(unmet)))
    return stream.getvalue()


def drawn_one(name: str, *, book: Rulebook = BOOK, width: int = 100, unmet: Iterable[str] = ()) -> str:
    screen, stream = Screen.into(width)
    found = named(entries(book, list(unmet)), name)
    assert not isinstance(found, tuple)
    rule_screen(screen, found, "acme/shop#42", date(2026, 4, 4))
    return stream.getvalue()


def test_the_page_of_the_documentation_is_made_from_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(entries(Rulebook(RULES))), (
        "renew it: trackersync rules --format markdown > docs/rules.md"
    )


def test_every_example_on_the_page_can_be_pasted() -> None:
    for entry in entries(Rulebook(RULES)):
        assert isinstance(yaml.safe_load(sample(entry)), dict), entry.rule.name
        silence = silencing(entry.rule, "acme/shop#17", "2026-12-31")
        read = yaml.safe_load(silence)
        if entry.rule.tally is None:
            assert read["silence"][0]["tasks"] == ["acme/shop#17"]
            assert read["silence"][0]["until"] == date(2026, 12, 31)
        else:
            assert entry.rule.name in read["rules"], "totals are turned off: a silence does not reach them"


def test_the_list_says_what_the_configuration_changes() -> None:
    said = " ".join(drawn().split())

    assert said.startswith("2 rules 1 off bugs slow-bug note A bug")
    assert "configured: warning by default; most 5; off in idea and research; most 9 in acme/*" in said
    assert "other/same" not in said, "where it holds as everywhere, nothing is said"
    assert "crowd off" in said
    assert "off until it is asked for by name" in said
    assert "sees nothing" not in said


def test_the_list_says_what_sees_nothing() -> None:
    said = " ".join(drawn(unmet=["evidence: [relations]"]).split())

    assert "2 rules 1 off 1 sees nothing here" in said
    assert "sees nothing: no tracker has evidence: [relations]" in said


@pytest.mark.parametrize("width", [80, 100])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    screen, stream = Screen.into(width)
    shipped = entries(Rulebook(RULES), [rule.needs for rule in RULES])
    rules_screen(screen, shipped)
    told = stream.getvalue()
    assert max(map(len, told.splitlines())) <= width
    assert all(rule.name in told for rule in RULES)
    assert "…" not in told, "a sentence folds; it is not cut"
    for entry in shipped:
        rule_screen(screen, entry, "SHOP-42", date(2026, 4, 4))
    lines = stream.getvalue().splitlines()
    assert not [line for line in lines if len(line) > width and not line.startswith(("  ", "rules:", "trackers:"))]


def test_one_rule_in_full() -> None:
    told = drawn_one("slow-bug", unmet=["evidence: [relations]"])

    assert told.startswith("slow-bug    bugs    note\n")
    assert "why        Customers wait too." in told
    assert "fix        mend it" in told
    assert "looks at   open tasks; counts under `other`" in told
    assert "needs      evidence: [relations]; no tracker has it, so it sees nothing" in told
    assert "holds      note; warning by default; most 5; off in idea and research" in told
    rows = [line.split() for line in told.splitlines() if line.startswith("  ")]
    assert ["most", "5", "3", "So", "many."] in rows
    assert ["within", "30", "d", "30", "d", "So", "long."] in rows
    assert '\nsilence:\n  - rules: [slow-bug]\n    tasks: ["acme/shop#42"]\n' in told
    assert "    until: 2026-04-04\n" in told


def test_a_total_is_turned_off_and_not_silenced() -> None:
    told = drawn_one("crowd")

    assert "silence:" not in told
    assert "\nrules:\n  crowd: {stages: {build: off}}\n" in told
    assert "open tasks, counted together" in told


def test_a_plug_ins_words_command_no_console() -> None:
    nasty = "red \x1b[31m\x07 \u202e text\nand a line"
    rule = a_rule(summary=nasty, why=nasty, fix=nasty, family=nasty, package=nasty, example=f"rules: {{}} # {nasty}")
    told = drawn_one("slow-bug", book=Rulebook([rule]))
    screen, stream = Screen.into(80)
    rules_screen(screen, entries(Rulebook([rule])))
    both = told + stream.getvalue()
    assert not [letter for letter in both if not letter.isprintable() and letter != "\n"]


def test_markdown_is_not_broken_by_a_rules_words() -> None:
    page = rules_page(entries(Rulebook([a_rule()])))
    assert "A bug \\| that &lt;b>waits" in page
    assert "| `types` | `[bug, defect]` | Of these types. |" in page


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"), (False, "false"), (3, "3"), (0.5, "0.5"), (2.0, "2"), ("", '""'), ("bug", "bug"), ((), "[]"),
        (("a", "b"), "[a, b]"), (timedelta(days=2), "2 d"), (timedelta(0), "0 d"), (timedelta(hours=36), "36 h"),
        (timedelta(minutes=90), "90 min"), (timedelta(seconds=7), "7 s"),
    ],
)  # fmt: skip
def test_values_are_shown_as_a_configuration_writes_them(value: object, expected: str) -> None:
    assert word(value) == expected


def test_a_rule_that_was_turned_on_where_it_ships_off() -> None:
    (entry,) = entries(Rulebook([TOTAL], {"crowd": [Amendment(Severity.ERROR)]}))
    assert (entry.level, entry.ships, entry.configured) == ("error", "off", "off by default")
    assert rule_record(entry)["severity"] == "error"


def test_names_are_found_as_people_type_them() -> None:
    shipped = entries(Rulebook(RULES))
    assert named(shipped, "NO_owner") == named(shipped, "no-owner")
    family = named(shipped, "ownership")
    assert isinstance(family, tuple)
    assert {entry.rule.family for entry in family} == {"ownership"}
    with pytest.raises(ConfigError) as caught:
        named(shipped, "no-oner")
    assert caught.value.next_step == 'did you mean "no-owner"?'


# On the command line


def test_without_a_configuration_rules_are_told_as_they_ship(folder: Path) -> None:
    done = invoke("rules")
    assert done.code == 0
    assert f"{len(RULES)} rules" in done.said
    assert "configured" not in done.said
    assert all(rule.name in done.out for rule in RULES)
    assert {one["name"] for one in json.loads(invoke("rules", "--format", "json").out)["rules"]} == {
        rule.name for rule in RULES
    }
    assert CliRunner().invoke(app, ["rules", "--format", "markdown"]).stdout == PAGE.read_text(encoding="utf-8")


def test_an_unknown_rule_is_a_mistake_with_the_nearest_beside_it(folder: Path) -> None:
    done = invoke("rules", "many-owner")
    assert done.code == 2
    assert 'there is no rule "many-owner"' in done.said
    assert 'did you mean "many-owners"?' in done.said
    assert invoke("rules", "many-owner", "--format", "json").record["error"]["exit"] == 2


def test_with_a_configuration_they_are_told_as_they_hold(shop: Shop) -> None:
    shop.settings["rules"] = {"no-owner": {"stages": {"idea": "off"}}, "many-owners": {"severity": "note", "most": 2}}
    shop.configure()
    said = shop.run("rules").said
    assert "configured: off in idea" in said
    assert "configured: warning by default; most 2" in said
    record = shop.json("rules", "many-owners")
    assert (record["severity"], record["ships"]) == ("note", "warning")
    assert [(one["name"], one["default"], one["value"]) for one in record["settings"]] == [("most", "1", "2")]
    assert shop.json("rules", "no-owner")["elsewhere"] == [
        {"project": None, "stage": "idea", "severity": "off", "settings": {}}
    ]
    assert '    tasks: ["acme/shop#42"]' in shop.run("rules", "no-owner").out
    assert not shop.sandbox.github.requests, "nothing is asked of a tracker"


def test_a_rule_whose_evidence_is_not_read_is_marked(shop: Shop) -> None:
    needs = {rule.name: rule.needs for rule in RULES if rule.needs == "evidence: [relations]"}
    assert needs
    sees = {one["name"]: one["sees"] for one in shop.json("rules")["rules"]}
    assert all(sees[name] for name in needs), "the shop's jira is asked for relations"
    shop.tracker("jira", evidence=None)
    sees = {one["name"]: one["sees"] for one in shop.json("rules")["rules"]}
    assert not any(sees[name] for name in needs)
    assert sees["no-owner"]


def test_the_next_command_keeps_the_configuration_that_was_named(shop: Shop) -> None:
    done = spawn(shop.folder, "rules", "--config", "trackersync.yaml")
    assert "trackersync rules no-owner --config trackersync.yaml" in done.said
