"""What a configuration says of check: which rules hold where, what is silenced, which days count, and outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from config_samples import ENVIRON, REGISTRY, SOUND, pointed, written

from trackersync.config import Configuration, load, process
from trackersync.connector import Named
from trackersync.core.diagnose import Amendment, NoSettings, Rule, Silence, setting
from trackersync.core.mapping import StageRule
from trackersync.core.model import Severity
from trackersync.core.naming import Known, in_present_names
from trackersync.errors import ConfigError
from trackersync.pipeline.opening import terms_of

MONTH = timedelta(days=30)
MEAN = 'did you mean "{}"?'.format


@dataclass(frozen=True, slots=True)
class Many:
    """All that a setting may be."""

    most: int = setting(1, "So many.")
    share: float = setting(0.5, "So much.")
    strict: bool = setting(False, "Whether.")
    word: str = setting("", "A word.")
    only: tuple[str, ...] = setting((), "Words.")
    within: timedelta = setting(MONTH, "A span.")
    copy: str = setting("", "A name that every model has something of.")


def rule(name: str, family: str = "ownership", *, settings: type = NoSettings, off: bool = False) -> Rule[object]:
    return Rule(name, family, "It is.", "So.", "mend it", judge=lambda *_: (), settings=settings, off=off)


RULES = (
    rule("no-owner"),
    rule("many-owners", settings=Many),
    rule("owner-unknown"),
    rule("stuck-in-stage", "stages", settings=Many),
    rule("wip-over-limit", "stages", settings=Many, off=True),
)


def loaded(folder: Path, text: str, environ: dict[str, str] = ENVIRON, base: str = SOUND) -> Configuration:
    written(folder, base + text)
    return load(registry=REGISTRY, rules=RULES, folder=folder, environ=environ)


def said(found: Configuration) -> dict[str, tuple[Amendment, ...]]:
    return {one.name: some for one in RULES if (some := found.rulebook.amended(one.name))}


E, W, N = Severity
OFF, ON = Amendment("off"), Amendment("on")
SAID = {
    # name: (text, what is said of which rule)
    "nothing": ("", {}),
    "no rule": ("rules: {}\n", {}),
    "a word": ("rules: {no-owner: note}\n", {"no-owner": (Amendment(N),)}),
    "off, which YAML reads as false": ("rules: {no-owner: off}\n", {"no-owner": (OFF,)}),
    "off as text": ('rules: {no-owner: "off"}\n', {"no-owner": (OFF,)}),
    "on, which YAML reads as true": ("rules: {no-owner: on}\n", {"no-owner": (ON,)}),
    "a severity below it": ("rules: {no-owner: {severity: error}}\n", {"no-owner": (Amendment(E),)}),
    "a mapping that says nothing": ("rules: {no-owner: {}}\n", {}),
    "settings alone": ("rules: {many-owners: {most: 2}}\n", {"many-owners": (Amendment(None, {"most": 2}),)}),
    "settings of all types": (
        'rules: {many-owners: {most: 0, share: 1, strict: yes, word: "no", only: a, within: 0 d, copy: x}}\n',
        {"many-owners": (Amendment(None, {"most": 0, "share": 1.0, "strict": True, "word": "no", "only": ("a",),
                                          "within": timedelta(0), "copy": "x"}),)},
    ),
    "a list of words, and weeks": (
        "rules: {many-owners: {only: [a, b], within: 2 w}}\n",
        {"many-owners": (Amendment(None, {"only": ("a", "b"), "within": timedelta(days=14)}),)},
    ),
    "stages": (
        "rules: {many-owners: {stages: {build: {most: 20, severity: error}, idea: off}}}\n",
        {"many-owners": (Amendment(E, {"most": 20}, None, "build"), Amendment("off", {}, None, "idea"))},
    ),
    "everywhere, then stages, then projects with their stages, as they are written": (
        ("rules:\n"
        "  many-owners:\n"
        "    projects: {acme/*: {most: 3, stages: {idea: note}}, acme/solo: off}\n"
        "    stages: {idea: warning}\n"
        "    severity: error\n"
        "    most: 2\n"),
        {"many-owners": (
            Amendment(E, {"most": 2}), Amendment(W, {}, None, "idea"), Amendment(None, {"most": 3}, "acme/*"),
            Amendment(N, {}, "acme/*", "idea"), Amendment("off", {}, "acme/solo"),
        )},
    ),
    "one that is ignored, whatever is said": (
        "check: {ignore: no-owner}\nrules: {no-owner: {severity: error, projects: {acme/*: on}}}\n",
        {"no-owner": (Amendment(E), Amendment("on", {}, "acme/*"), OFF)},
    ),
    "a family that is ignored": (
        "check: {ignore: [stages]}\n", {"stuck-in-stage": (OFF,), "wip-over-limit": (OFF,)},
    ),
    "a pattern that is ignored": ("check: {ignore: ['owner-*']}\n", {"owner-unknown": (OFF,)}),
    "a pattern meets whole names": (
        "check: {ignore: ['*-owner*']}\n", {"no-owner": (OFF,), "many-owners": (OFF,)},
    ),
    "only one": (
        "check: {select: [No-Owner]}\n", {one.name: (OFF,) for one in RULES[1:]},
    ),
    "only a family: what is off by itself stays so": (
        "check: {select: stages}\n", {one.name: (OFF,) for one in RULES[:3]},
    ),
    "one that is off by itself, by name": (
        "check: {select: [ownership, stages, wip-over-limit]}\n", {"wip-over-limit": (ON,)},
    ),
    "by name and then by family": (
        "check: {select: [wip-over-limit, stages, ownership]}\n", {"wip-over-limit": (ON,)},
    ),
    "named and ignored": (
        "check: {select: [ownership, wip-over-limit], ignore: [stages]}\n",
        {"stuck-in-stage": (OFF,), "wip-over-limit": (OFF,)},
    ),
    "named, and off all the same where it is said": (
        ("check: {select: [ownership, stages, wip-over-limit]}\n"
        "rules: {wip-over-limit: {most: 2, stages: {idea: off}}}\n"),
        {"wip-over-limit": (ON, Amendment(None, {"most": 2}), Amendment("off", {}, None, "idea"))},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), SAID.values(), ids=SAID)
def test_what_is_said_of_rules(tmp_path: Path, text: str, meant: dict[str, tuple[Amendment, ...]]) -> None:
    assert said(loaded(tmp_path, text)) == meant


def level(found: Configuration, name: str, stage: str | None = None, *projects: str) -> str:
    book = found.rulebook
    standing = book.standing(book.rule(name), projects, stage)
    return "off" if standing is None else str(standing.level or "as it is")


def test_the_last_word_is_the_configurations(tmp_path: Path) -> None:
    own = "rules: {no-owner: {stages: {b: off}}, many-owners: {most: 7}}\n"
    own += "stages: {a: {category: backlog}, b: {category: started}, done: {category: done}}\n"
    written(tmp_path, own, "own.yaml")
    base = "delivery: own.yaml\ntrackers: {github: {connector: github, repositories: [acme/shop], token: x}}\n"

    plain = loaded(tmp_path, "", base=base)
    assert (level(plain, "no-owner", "a"), level(plain, "no-owner", "b")) == ("as it is", "off")
    assert plain.rulebook.standing(RULES[1]).settings.most == 7

    on = loaded(tmp_path, "rules: {no-owner: {stages: {b: on}}, many-owners: {share: 0.1}}\n", base=base)
    assert level(on, "no-owner", "b") == "as it is"
    assert on.rulebook.standing(RULES[1]).settings == Many(most=7, share=0.1)

    # What is said of all tasks leaves alone what the process says of some stages, unless it turns the rule off.
    usual = loaded(tmp_path, "rules: {no-owner: note}\n", base=base)
    assert (level(usual, "no-owner", "a"), level(usual, "no-owner", "b")) == ("note", "off")
    written(tmp_path, own.replace("b: off", "b: error"), "own.yaml")
    off = loaded(tmp_path, "rules: {no-owner: off}\n", base=base)
    assert level(off, "no-owner", "b") == "off"


PRESETS = {
    "delivery": {"idea": True, "build": True},
    "kanban": {"backlog": False, "ready": False, "in progress": True, "review": True},
    "scrum": {"product backlog": False, "sprint backlog": True, "in progress": True, "review": True},
}


@pytest.mark.parametrize(("name", "expects"), PRESETS.items(), ids=PRESETS)
def test_where_a_shipped_process_expects_owners(tmp_path: Path, name: str, expects: dict[str, bool]) -> None:
    base = f"delivery: {name}\ntrackers: {{github: {{connector: github, repositories: [acme/shop], token: x}}}}\n"
    found = loaded(tmp_path, "", base=base)
    assert {stage: level(found, "no-owner", stage) != "off" for stage in expects} == expects


MISTAKES = {
    # name: (text with the place marked, where, message, hint)
    "an unknown rule": ("rules: {«no-ownr»: off}", "rules", 'there is no rule "no-ownr"', MEAN("no-owner")),
    "underscores, which only a variable may have": (
        "rules: {«no_owner»: off}", "rules", 'there is no rule "no_owner"', MEAN("no-owner"),
    ),
    "a family where a rule is due": (
        "rules: {«stages»: off}", "rules", '"stages" is not one rule but several',
        "name each rule; to leave all of these out write check: {ignore: [stages]}",
    ),
    "an unknown severity": (
        "rules: {no-owner: «eror»}", "rules.no-owner", 'unknown word "eror"', MEAN("error"),
    ),
    "an unknown severity below it": (
        "rules: {no-owner: {severity: «eror»}}", "rules.no-owner.severity", 'unknown word "eror"', MEAN("error"),
    ),
    "a number as a severity": (
        "rules: {no-owner: «3»}", "rules.no-owner", 'unknown word "3"', "known here: error, warning, note, off, on",
    ),
    "nothing after it": (
        "rules: {«no-owner»: }", "rules.no-owner", "a severity or settings are needed here",
        "write error, warning, note, off or on, or settings below it",
    ),
    "a list": (
        "rules: {no-owner: «[error]»}", "rules.no-owner", "a severity or settings are needed here",
        "write error, warning, note, off or on, or settings below it",
    ),
    "a setting of another rule": (
        "rules: {no-owner: {«most»: 2}}", "rules.no-owner", 'unknown key "most"',
        "known here: severity, stages, projects",
    ),
    "an unknown setting": (
        "rules: {many-owners: {«mots»: 2}}", "rules.many-owners", 'unknown key "mots"', MEAN("most"),
    ),
    "an unknown setting in a stage": (
        "rules: {many-owners: {stages: {build: {«mots»: 2}}}}", "rules.many-owners.stages.build",
        'unknown key "mots"', MEAN("most"),
    ),
    "a project below a project": (
        "rules: {many-owners: {projects: {acme/*: {«projects»: {}}}}}", "rules.many-owners.projects.acme/*",
        'unknown key "projects"', "known here: severity, most, share, strict, word, only, within, copy, stages",
    ),
    "an unknown stage": (
        "rules: {no-owner: {stages: {«biuld»: off}}}", "rules.no-owner.stages",
        '`delivery` has no stage "biuld"', MEAN("build"),
    ),
    "an unknown stage of a project": (
        "rules: {no-owner: {projects: {acme/*: {stages: {«biuld»: off}}}}}", "rules.no-owner.projects.acme/*.stages",
        '`delivery` has no stage "biuld"', MEAN("build"),
    ),
    "an unknown word of a stage": (
        "rules: {no-owner: {stages: {build: «of»}}}", "rules.no-owner.stages.build", 'unknown word "of"', MEAN("off"),
    ),
    "a word where a number is due": (
        "rules: {many-owners: {most: «two»}}", "rules.many-owners.most", "a whole number is needed here",
        "write digits only, as in 500",
    ),
    "true where a whole number is due": (
        "rules: {many-owners: {most: «yes»}}", "rules.many-owners.most", "a whole number is needed here",
        "write digits only, as in 500",
    ),
    "true where a number is due": (
        "rules: {many-owners: {share: «true»}}", "rules.many-owners.share", "a number is needed here", "",
    ),
    "half a number": (
        "rules: {many-owners: {most: «1.5»}}", "rules.many-owners.most", "a whole number is needed here",
        "write digits only, as in 500",
    ),
    "less than nothing": (
        "rules: {many-owners: {most: «-1»}}", "rules.many-owners.most", "this must be at least 0", "",
    ),
    "without end": (
        "rules: {many-owners: {share: «.inf»}}", "rules.many-owners.share", "a number is needed here", "",
    ),
    "a number where a span is due": (
        "rules: {many-owners: {within: «30»}}", "rules.many-owners.within", "a span of time is needed here",
        "write 30 min, 24 h, 7 d or 12 w",
    ),
    "a span that no calendar holds": (
        "rules: {many-owners: {within: «9999999999999 w»}}", "rules.many-owners.within",
        "a span of at most a hundred years is needed here", "write 30 min, 24 h, 7 d or 12 w",
    ),
    "neither true nor false": (
        "rules: {many-owners: {strict: «perhaps»}}", "rules.many-owners.strict", "true or false is needed here", "",
    ),
    "YAML's no as a word": (
        "rules: {many-owners: {only: [a, «no»]}}", "rules.many-owners.only[1]", "text is needed here", 'write "no"',
    ),
    "no value": (
        "rules: {many-owners: {«most»: }}", "rules.many-owners.most", "a whole number is needed here", "",
    ),
    "rules as a list": (
        "rules: «[no-owner]»", "rules", "a mapping is needed here", "write key: value lines, indented below it",
    ),
    "an unknown word to select": (
        "check: {select: [no-owner, «stage»]}", "check.select[1]", '"stage" is no rule and no family', MEAN("stages"),
    ),
    "an unknown single word to ignore": (
        "check: {ignore: «ownershp»}", "check.ignore", '"ownershp" is no rule and no family', MEAN("ownership"),
    ),
    "a pattern that means nothing": (
        "check: {ignore: [«own-*»]}", "check.ignore[0]", '"own-*" is no rule and no family',
        "a pattern is matched with the whole name: owner-*",
    ),
    "nothing selected": ("check: {select: «[]»}", "check.select", "this must not be empty", ""),
    "an unknown key of check": ("check: {«selects»: []}", "check", 'unknown key "selects"', MEAN("select")),
    "a silence without a reason": (
        "silence: [«{rules: no-owner, until: 2026-12-31}»]", "silence[0]", '"reason" is missing',
        "add reason: why nobody needs to hear of it",
    ),
    "a silence with an empty reason": (
        'silence: [{rules: no-owner, until: 2026-12-31, reason: «" "»}]', "silence[0].reason",
        "this must not be empty", "add reason: why nobody needs to hear of it",
    ),
    "a silence without an end": (
        "silence: [«{rules: no-owner, reason: r}»]", "silence[0]", '"until" is missing', "add until: YYYY-MM-DD",
    ),
    "an end that is no day": (
        "silence: [{rules: no-owner, reason: r, until: «2026-02-30»}]", "silence[0].until", "a day is needed here",
        "write it as 2026-12-31",
    ),
    "an end with an hour": (
        "silence: [{rules: no-owner, reason: r, until: «2026-12-31 10:00:00»}]", "silence[0].until",
        "a day is needed here", "write it as 2026-12-31",
    ),
    "an end as a number": (
        "silence: [{rules: no-owner, reason: r, until: «20261231»}]", "silence[0].until", "a day is needed here",
        "write it as 2026-12-31",
    ),
    "a silence of everything": (
        "silence: [«{reason: r, until: 2026-12-31}»]", "silence", "this would silence everything",
        "add rules, tasks, labels, projects or stages",
    ),
    "a silence of a misspelled something": (
        "silence: [{«task»: [SHOP-1], reason: r, until: 2026-12-31}]", "silence[0]", 'unknown key "task"',
        MEAN("tasks"),
    ),
    "a silence of no task": (
        "silence: [{tasks: «[]», reason: r, until: 2026-12-31}]", "silence[0].tasks", "this must not be empty", "",
    ),
    "a silence of an empty label": (
        'silence: [{labels: [«""»], reason: r, until: 2026-12-31}]', "silence[0].labels[0]",
        "this must not be empty", "",
    ),
    "a silence of an unknown rule": (
        "silence: [{rules: [«no-ownr»], reason: r, until: 2026-12-31}]", "silence[0].rules[0]",
        '"no-ownr" is no rule and no family', MEAN("no-owner"),
    ),
    "a silence of an unknown stage": (
        "silence: [{stages: «idae», reason: r, until: 2026-12-31}]", "silence[0].stages",
        '`delivery` has no stage "idae"', MEAN("idea"),
    ),
    "a silence as a mapping": ("silence: «{rules: no-owner}»", "silence", "a list is needed here", ""),
    "an unknown day of the week": (
        "calendar: {weekend: [sat, «sunn»]}", "calendar.weekend[1]", 'unknown word "sunn"', MEAN("sun"),
    ),
    "a week without work": (
        "calendar: {weekend: «[mon, tue, wed, thu, fri, sat, sunday]»}", "calendar.weekend",
        "a week of which no day counts", "leave a day of work",
    ),
    "a holiday without a year": (
        "calendar: {holidays: [«12-25»]}", "calendar.holidays[0]", "a day is needed here", "write it as 2026-12-31",
    ),
    "an unknown zone": (
        "calendar: {zone: «Europe/Berlni»}", "calendar.zone", 'there is no time zone "Europe/Berlni"',
        MEAN("Europe/Berlin"),
    ),
    "a zone that is a path": (
        "calendar: {zone: «../UTC»}", "calendar.zone", 'there is no time zone "../UTC"', MEAN("UTC"),
    ),
    "an unknown country": (
        "calendar: {country: «Germany»}", "calendar.country", 'no country "Germany" is known', None,
    ),
    "an unknown part of a country": (
        "calendar: {country: «DE-BX»}", "calendar.country", 'no part of DE is called "DE-BX"', None,
    ),
    "a part of a country without parts": (
        "calendar: {country: «JP-13»}", "calendar.country", 'no part of JP is called "JP-13"', "write JP",
    ),
    "an unknown key of the calendar": (
        "calendar: {«weekends»: []}", "calendar", 'unknown key "weekends"', MEAN("weekend"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "where", "message", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_one_mistake_is_shown_where_it_stands(
    tmp_path: Path, text: str, where: str, message: str, hint: str | None
) -> None:
    text, line, column, width = pointed(SOUND + text + "\n")
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, "", base=text)
    found = [(one.line, one.column, one.width, one.where, one.message) for one in caught.value.problems]
    assert found == [(line, column, width, where, message)]
    assert caught.value.problems[0].hint == hint or (hint is None and caught.value.problems[0].hint)


def test_mistakes_everywhere_are_told_at_once(tmp_path: Path) -> None:
    text = (
        "check: {select: [nowhere], ignore: 3}\n"
        "rules: {no-ownr: off, many-owners: {most: no, stages: {biuld: off}}, no-owner: eror}\n"
        "silence:\n"
        "  - {rules: [x], stages: [idae], until: soon}\n"
        "  - {reason: r, until: 2026-12-31}\n"
        "calendar: {zone: Nowhere, country: XX}\n"
    )
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert [one.where for one in caught.value.problems] == [
        "check.select[0]",
        "check.ignore",
        "rules",
        "rules.many-owners.most",
        "rules.many-owners.stages",
        "rules.no-owner",
        "silence[0]",
        "silence[0].rules[0]",
        "silence[0].stages[0]",
        "silence[0].until",
        "silence",
        "calendar.zone",
        "calendar.country",
    ]


OWN = "stages: {a: {category: backlog}, b: {category: started}, done: {category: done}}\nrules: "
OF_PROCESS = {
    "an unknown stage": (
        "{no-owner: {stages: {«c»: off}}}", "rules.no-owner.stages", '`own` has no stage "c"', "its stages: a, b, done",
    ),
    "an unknown rule": ("{«no-ownr»: off}", "rules", 'there is no rule "no-ownr"', MEAN("no-owner")),
    "projects, of which a process knows nothing": (
        "{no-owner: {«projects»: {acme/*: off}}}", "rules.no-owner", 'unknown key "projects"',
        "known here: severity, stages",
    ),
    "a list": ("«[no-owner]»", "rules", "a mapping is needed here", "write key: value lines, indented below it"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "where", "message", "hint"), OF_PROCESS.values(), ids=OF_PROCESS)
def test_a_mistake_in_what_a_process_says(tmp_path: Path, text: str, where: str, message: str, hint: str) -> None:
    text, line, column, _ = pointed(OWN + text + "\n")
    written(tmp_path, text, "own.yaml")
    base = "delivery: own.yaml\ntrackers: {github: {connector: github, repositories: [acme/shop], token: x}}\n"
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, "", base=base)
    found = [(one.file, one.line, one.column, one.where, one.message, one.hint) for one in caught.value.problems]
    assert found == [("own.yaml", line, column, where, message, hint)]


def test_a_process_by_itself_may_speak_of_rules_that_nobody_looks_at(tmp_path: Path) -> None:
    written(tmp_path, OWN + "{a-plug-ins-rule: off}\n", "own.yaml")
    assert process("own.yaml", tmp_path).name == "own"


def test_silences(tmp_path: Path) -> None:
    text = (
        "silence:\n"
        "  - {rules: [ownership, stuck-in-stage], tasks: SHOP-31, reason: ' on leave ', until: 2020-01-01}\n"
        "  - labels: [no owner yet]\n"
        "    stages: [idea]\n"
        "    projects: ['acme/*']\n"
        "    reason: ideas need nobody\n"
        "    until: '2026-12-31'\n"
    )
    line = SOUND.count("\n") + 2
    assert loaded(tmp_path, text).rulebook.silences == (
        Silence(
            ("no-owner", "many-owners", "owner-unknown", "stuck-in-stage"), "on leave",
            date(2020, 1, 1), tasks=("SHOP-31",), where=f"trackersync.yaml:{line}",
        ),
        Silence(
            (), "ideas need nobody", date(2026, 12, 31), labels=("no owner yet",), projects=("acme/*",),
            stages=("idea",), where=f"trackersync.yaml:{line + 1}",
        ),
    )  # fmt: skip


CALENDARS = {
    # name: (text, days that count, days that do not)
    "by default": ("", ["2026-12-25", "2026-12-28"], ["2026-12-26", "2026-12-27"]),
    "every day": ("{weekend: []}", ["2026-12-26", "2026-12-27"], []),
    "another weekend": ("{weekend: [Friday, SAT]}", ["2026-12-27"], ["2026-12-25", "2026-12-26"]),
    "a single day": ("{weekend: sun}", ["2026-12-26"], ["2026-12-27"]),
    "a holiday": ("{holidays: [2026-12-24]}", ["2026-12-23", "2025-12-24"], ["2026-12-24"]),
    "a country": ("{country: DE}", ["2026-01-06", "2026-06-04"], ["2026-12-25", "2026-05-01", "2001-05-01"]),
    "a part of a country": ("{country: de-by}", ["2026-12-24"], ["2026-01-06", "2026-06-04", "2026-12-25"]),
    "a country and a holiday": ("{country: DE, holidays: [2026-12-24]}", [], ["2026-12-24", "2026-12-25"]),
}


@pytest.mark.parametrize(("text", "count", "rest"), CALENDARS.values(), ids=CALENDARS)
def test_which_days_count(tmp_path: Path, text: str, count: list[str], rest: list[str]) -> None:
    calendar = loaded(tmp_path, f"calendar: {text or '{}'}\n").rulebook.calendar
    assert {day: calendar.works(date.fromisoformat(day)) for day in (*count, *rest)} == {
        **dict.fromkeys(count, True),
        **dict.fromkeys(rest, False),
    }


def test_a_countrys_holidays_are_known_until_after_next_year(tmp_path: Path) -> None:
    calendar = loaded(tmp_path, "calendar: {country: GB}\n").rulebook.calendar
    assert {day.year for day in calendar.holidays} == set(range(2000, datetime.now(UTC).year + 3))


def test_days_begin_in_the_teams_zone(tmp_path: Path) -> None:
    calendar = loaded(tmp_path, "calendar: {zone: Europe/Berlin}\n").rulebook.calendar
    assert calendar.begins(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, tzinfo=UTC)


OUTCOMES = {
    "one entry": ("{build: {labels: built}}", {"build": (StageRule("build", {"labels": ("built",)}, {}),)}),
    "any of several": (
        "{build: [{labels: [a, b]}, {state: closed, reason: completed}]}",
        {"build": (
            StageRule("build", {"labels": ("a", "b")}, {}),
            StageRule("build", {"state": ("closed",), "reason": ("completed",)}, {}),
        )},
    ),
    "the same as shows a stage": (
        '{idea: {labels: "stage: idea"}}', {"idea": (StageRule("idea", {"labels": ("stage: idea",)}, {}),)},
    ),
}  # fmt: skip
FRUITLESS = {
    "an unknown stage": ("{«biuld»: {labels: a}}", "", '`delivery` has no stage "biuld"', MEAN("build")),
    "an unknown word": ("{build: {«label»: a}}", ".build", 'unknown key "label"', MEAN("labels")),
    "what would be written": ("{build: {labels: a, «set»: {labels: b}}}", ".build", 'unknown key "set"', None),
    "an unknown value": ("{build: [{state: «shut»}]}", ".build[0].state", '`state` has no value "shut"', None),
    "a bare word": (
        "{build: «merged»}", ".build", "a mapping of what the tracker shows is needed here", "write {labels: [merged]}",
    ),
    "nothing": ("{build: «{}»}", ".build", "nothing is matched here, so every item would be", "write {labels: […]}"),
    "a list": ("«[build]»", "", "a mapping is needed here", "write key: value lines, indented below it"),
}  # fmt: skip


def with_outcomes(text: str) -> str:
    return SOUND.replace("    repositories:", f"    outcomes: {text}\n    repositories:")


@pytest.mark.parametrize(("text", "meant"), OUTCOMES.values(), ids=OUTCOMES)
def test_what_shows_an_outcome(tmp_path: Path, text: str, meant: dict[str, tuple[StageRule, ...]]) -> None:
    found = loaded(tmp_path, "", base=with_outcomes(text))
    assert found.outcomes == {"github": meant}
    assert terms_of(found).outcomes == {"github": meant}


@pytest.mark.parametrize(("text", "where", "message", "hint"), FRUITLESS.values(), ids=FRUITLESS)
def test_a_mistake_in_outcomes(tmp_path: Path, text: str, where: str, message: str, hint: str | None) -> None:
    text, line, column, width = pointed(with_outcomes(text))
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, "", base=text)
    (one,) = caught.value.problems
    assert (one.line, one.column, one.width) == (line, column, width)
    assert (one.where, one.message) == (f"trackers.github.outcomes{where}", message)
    assert hint is None or one.hint == hint


def test_outcomes_follow_a_status_that_is_renamed(tmp_path: Path) -> None:
    base = SOUND.replace(
        "    projects:", "    outcomes: {build: [{statuses: Tested}, {statuses: '77'}]}\n    projects:"
    )
    terms = terms_of(loaded(tmp_path, "", base=base))
    names = [Known(Named("status", "5", "Proven"), ("Tested",)), Known(Named("status", "77", "Shipped"))]
    assert in_present_names(terms, {"jira": names}).outcomes == {
        "jira": {
            "build": (
                StageRule("build", {"status": ("Proven",)}, {}),
                StageRule("build", {"status": ("Shipped",)}, {}),
            )
        }
    }


NO_WRITES = {
    "rules": "rules: {no-owner: off, many-owners: {most: 4}}\n",
    "check": "check: {ignore: [stages]}\n",
    "silence": "silence: [{rules: no-owner, reason: r, until: 2026-12-31}]\n",
    "calendar": "calendar: {weekend: [], zone: Europe/Berlin}\n",
}


@pytest.mark.parametrize("text", NO_WRITES.values(), ids=NO_WRITES)
def test_none_of_it_makes_another_mapping(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text).fingerprint == loaded(tmp_path, "").fingerprint


def test_outcomes_make_no_other_mapping(tmp_path: Path) -> None:
    found = loaded(tmp_path, "", base=with_outcomes("{build: {labels: built}}"))
    assert found.fingerprint == loaded(tmp_path, "").fingerprint


VARIABLES = {
    "a word, with underscores for hyphens": (
        {"TRACKERSYNC_RULES__NO_OWNER": "off"},
        {"no-owner": (Amendment(E), OFF), "many-owners": (Amendment(None, {"most": 2}),)},
    ),
    "a setting": (
        {"TRACKERSYNC_RULES__MANY_OWNERS__MOST": "5"},
        {"no-owner": (Amendment(E),), "many-owners": (Amendment(None, {"most": 2}), Amendment(None, {"most": 5}))},
    ),
    "as JSON": (
        {"TRACKERSYNC_RULES": '{"no-owner": "note", "many-owners": {"most": 3}}'},
        {"no-owner": (Amendment(N),), "many-owners": (Amendment(None, {"most": 3}),)},
    ),
    "what is ignored": (
        {"TRACKERSYNC_CHECK__IGNORE": '["no-owner"]'},
        {"no-owner": (Amendment(E), OFF), "many-owners": (Amendment(None, {"most": 2}),)},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("variables", "meant"), VARIABLES.values(), ids=VARIABLES)
def test_a_variable_wins(tmp_path: Path, variables: dict[str, str], meant: dict[str, tuple[Amendment, ...]]) -> None:
    found = loaded(tmp_path, "rules: {no-owner: error, many-owners: {most: 2}}\n", ENVIRON | variables)
    assert said(found) == meant


def test_a_variable_is_blamed_by_its_name_and_not_quoted(tmp_path: Path) -> None:
    variables = {
        "TRACKERSYNC_RULES__NO_OWNER": "hunter21",
        "TRACKERSYNC_RULES__MANY_OWNERS__MOST": "hunter22",
        "TRACKERSYNC_CALENDAR__ZONE": "hunter23",
        "TRACKERSYNC_CALENDAR__COUNTRY": "hunter24",
    }
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, "", ENVIRON | variables)
    assert {one.file for one in caught.value.problems} == set(variables)
    assert len(caught.value.problems) == len(variables)
    assert "hunter" not in repr(caught.value.problems)


def test_a_silence_of_a_variable_says_where_it_is_from(tmp_path: Path) -> None:
    entry = '[{"rules": "no-owner", "reason": "r", "until": "2026-12-31"}]'
    (silence,) = loaded(tmp_path, "", ENVIRON | {"TRACKERSYNC_SILENCE": entry}).rulebook.silences
    assert silence.where == "TRACKERSYNC_SILENCE"


def test_an_expanded_variable_is_not_quoted(tmp_path: Path) -> None:
    text = (
        "rules: {no-owner: '${WORD}'}\ncheck: {ignore: ['${WORD}']}\ncalendar: {zone: '${WORD}', country: '${WORD}'}\n"
    )
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, ENVIRON | {"WORD": "hunter2hunter2"})
    assert len(caught.value.problems) == 4
    assert "hunter" not in repr(caught.value.problems)
