"""Every mistake in a configuration: where it is shown, what is said, what is proposed."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_samples import ENVIRON, REGISTRY, SOUND, pointed, written

from trackersync.config import excerpt, load, place
from trackersync.errors import ConfigError

MEAN = 'did you mean "{}"?'.format


def swapped(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} must stand in the sample once"
    return SOUND.replace(old, new)


ONE = {
    # name: (text with the place marked, where, message, hint)
    "a stage the process lacks": (
        swapped("      build:  {labels", "      «biuld»:  {labels"),
        "trackers.github.stages", '`delivery` has no stage "biuld"', MEAN("build"),
    ),
    "a word where a list is due": (
        swapped("projects: [SHOP]", "projects: «SHOP»"),
        "trackers.jira.projects", "a list is needed here", "write [SHOP]",
    ),
    "an unknown key in a section": (
        swapped("share: 20%", "«shares»: 20%"), "limits", 'unknown key "shares"', MEAN("share"),
    ),
    "an unknown key at the top": (swapped("links:", "«linkz»:"), "", 'unknown key "linkz"', MEAN("links")),
    "an unknown key of a tracker": (
        swapped("repositories:", "repositories: [acme/shop]\n    «aliasses»:"),
        "trackers.github", 'unknown key "aliasses"', MEAN("aliases"),
    ),
    "an unknown key two levels down": (
        swapped("adopt: ask", "«adapt»: ask"), "sync.stage", 'unknown key "adapt"', MEAN("adopt"),
    ),
    "a span without a unit": (
        swapped("share: 20%", "window: «24»"),
        "limits.window", "a span of time is needed here", "write 30 min, 24 h, 7 d or 12 w",
    ),
    "no span at all": (
        swapped("share: 20%", "window: «0 h»"),
        "limits.window", "a span of time is needed here", "write 30 min, 24 h, 7 d or 12 w",
    ),
    "a field that comes from nowhere": (
        swapped("adopt: ask", "direction: «jria»"), "sync.stage.direction", 'no tracker is named "jria"', MEAN("jira"),
    ),
    "a field that comes from one tracker and is decided by another": (
        swapped("authority: changed, adopt: ask", "authority: «github», direction: jira"),
        "sync.stage.authority", "stage comes from jira, so jira decides", "write jira, or leave authority out",
    ),
    "hands off what no item shows": (
        swapped("projects: [SHOP]", "projects: [SHOP]\n    hands_off: {«status»: [Waiting]}"),
        "trackers.jira.hands_off", 'unknown key "status"', MEAN("statuses"),
    ),
    "an unknown connector": (
        swapped("connector: github", "connector: «gitub»"),
        "trackers.github.connector", 'there is no connector "gitub"', MEAN("github"),
    ),
    "a missing connector points at its tracker": (
        swapped("  github:\n    connector: github\n", "  «github»:\n"),
        "trackers.github", '"connector" is missing', "add connector: github",
    ),
    "a missing key points at its mapping": (
        swapped("  github:", "  «github»:").replace("    repositories: [acme/shop]\n", ""),
        "trackers.github", '"repositories" is missing', "add repositories: [OWNER/REPO]",
    ),
    "a missing key of a list item points at the item": (
        swapped("{name: ada-l, github: ada-l, jira: [u1], roles: [engineer]}", "«{github: ada-l}»"),
        "people[0]", '"name" is missing', "add name: LOGIN",
    ),
    "no token": (
        swapped("  github:", "  «github»:").replace("    token: ${GITHUB_TOKEN}\n", ""),
        "trackers.github", "no token", "add token: ${GITHUB_TOKEN} or token_file:",
    ),
    "an unset variable": (
        swapped("${JIRA_TOKEN}", "«${JIRA_TOKEM}»"),
        "trackers.jira.token", "environment variable JIRA_TOKEM is not set", "export JIRA_TOKEM=…",
    ),
    "a variable without a name": (
        swapped("${JIRA_TOKEN}", "«${JIRA-TOKEN}»"),
        "trackers.jira.token", "`${…}` needs a variable's name", "write ${NAME}, or $${ for a plain ${",
    ),
    "a matcher of another tracker": (
        swapped('{labels: ["stage: build"]}', '{«statuses»: ["stage: build"]}'),
        "trackers.github.stages.build", 'unknown key "statuses"', MEAN("state"),
    ),
    "a value the tracker cannot have": (
        swapped("reason: completed", "reason: «complete»"),
        "trackers.github.stages.done.reason", '`reason` has no value "complete"', MEAN("completed"),
    ),
    "set of an unknown fact": (
        swapped("set: {resolution: Done}", "set: {«resolutions»: Done}"),
        "trackers.jira.stages.done.set", 'unknown fact "resolutions"', MEAN("resolution"),
    ),
    "set against its own matcher": (
        swapped("{statuses: [Done], set: {resolution: Done}}", "{resolutions: [Fixed], set: {resolution: «Done»}}"),
        "trackers.jira.stages.done.set.resolution",
        '"Done" would be written but is not matched, so the item would leave the stage at once',
        "match it as well, or do not set it",
    ),
    "one matcher claims one stage twice": (
        swapped("{statuses: [In Progress]}\n      verify",
                "[{statuses: [In Progress]}, «{statuses: [in progress]}»]\n      verify"),
        "trackers.jira.stages.build[1]", 'the same matcher claims stage "build" twice', "keep one of them",
    ),
    "a stage that matches nothing": (
        swapped("{statuses: [Done], set: {resolution: Done}}", "«{set: {resolution: Done}}»"),
        "trackers.jira.stages.done", "nothing is matched here, so every item would be", "write {statuses: […]}",
    ),
    "a stage as a bare word": (
        swapped("{statuses: [Done], set: {resolution: Done}}", "«Done»"),
        "trackers.jira.stages.done", "a mapping of what the tracker shows is needed here", "write {statuses: [Done]}",
    ),
    "a stage with nothing after it": (
        swapped("done:   {statuses: [Done], set: {resolution: Done}}", "«done»:"),
        "trackers.jira.stages.done", "a mapping of what the tracker shows is needed here", "write {statuses: […]}",
    ),
    "YAML's yes as a status": (
        swapped("[Backlog, To Do]", "[Backlog, «Yes»]"),
        "trackers.jira.stages.idea.statuses[1]", "text is needed here", 'write "Yes"',
    ),
    "YAML's no as a key": (
        swapped("verify: {", "«no»: {"), "trackers.jira.stages", 'the key "no" is not text', 'write "no": …',
    ),
    "a number as a project": (
        swapped("[SHOP]", "[SHOP, «42»]"), "trackers.jira.projects[1]", "text is needed here", 'write "42"',
    ),
    "an unknown field to write": (
        swapped("projects: [SHOP]", "projects: [SHOP]\n    writes: [«stages»]"),
        "trackers.jira.writes[0]", 'unknown word "stages"', MEAN("stage"),
    ),
    "an unknown single word to write": (
        swapped("projects: [SHOP]", "projects: [SHOP]\n    writes: «owner»"),
        "trackers.jira.writes", 'unknown word "owner"', MEAN("owners"),
    ),
    "plain http": (
        swapped("https://acme.atlassian.net", "«http://acme.atlassian.net»"),
        "trackers.jira.url", "http:// would send the token unencrypted",
        "write https://; plain http is for loopback only",
    ),
    "credentials in a URL": (
        swapped("https://acme.atlassian.net", "«https://bot:hunter2@acme.atlassian.net»"),
        "trackers.jira.url", "a URL must not hold credentials", "remove NAME:PASSWORD@ and use `token`",
    ),
    "a query in an alias": (
        swapped("projects: [SHOP]", "projects: [SHOP]\n    aliases: [https://a.example, «\"https://b.example?x=1\"»]"),
        "trackers.jira.aliases[1]", "a URL ends with its path here", "remove everything from ? or # on",
    ),
    "an empty query": (
        swapped("https://acme.atlassian.net", "«https://acme.atlassian.net/?»"),
        "trackers.jira.url", "a URL ends with its path here", "remove everything from ? or # on",
    ),
    "a host without a scheme": (
        swapped("https://acme.atlassian.net", "«acme.atlassian.net»"),
        "trackers.jira.url", "this is no URL", "write https://HOST or https://HOST:PORT",
    ),
    "authority of no tracker": (
        swapped("authority: changed", "authority: «jirra»"),
        "sync.stage.authority", 'no tracker is named "jirra"', MEAN("jira"),
    ),
    "adopting an authority that is none": (
        swapped("adopt: ask", "adopt: «authority»"),
        "sync.stage.adopt", "`adopt: authority` needs a tracker as authority", "add authority: github or jira",
    ),
    "adopting the furthest owner": (
        swapped("adopt: ask}", "adopt: ask}\n  owners: {adopt: «furthest»}"),
        "sync.owners.adopt", "owners have no order, so none is further",
        "write ask, or authority with a tracker's name",
    ),
    "the latest has authority": (
        swapped("authority: changed", "authority: «latest»"),
        "sync.stage.authority", "`latest` needs the field's history, which github and jira do not tell",
        "write changed, ask",
    ),
    "adopting the latest": (
        swapped("adopt: ask", "adopt: «latest»"),
        "sync.stage.adopt", "`latest` needs the field's history, which github and jira do not tell",
        "write ask, authority, furthest",
    ),
    "adopting what nobody knows": (
        swapped("adopt: ask", "adopt: «farthest»"), "sync.stage.adopt", 'unknown word "farthest"', MEAN("furthest"),
    ),
    "two equal keys": (
        swapped("done:   {state", "«build»: {labels: [b]}\n      done:   {state"),
        "trackers.github.stages", '"build" stands here twice', "keep one; the first is on line 10",
    ),
    "a share above the whole": (
        swapped("20%", "«20»"), "limits.share", "this must be at most 1", "write 20% or 0.2",
    ),
    "a share in words": (
        swapped("20%", "«a fifth»"), "limits.share", "a number is needed here", "",
    ),
    "a broken percentage": (
        swapped("20%", "«some%»"), "limits.share", "a part of the whole is needed here", "write 20% or 0.2",
    ),
    "yes as a number": (
        swapped("changes: 500", "changes: «yes»"), "limits.changes", "a whole number is needed here",
        "write digits only, as in 500",
    ),
    "fewer than nothing": (swapped("500", "«-1»"), "limits.changes", "this must be at least 0", ""),
    "a mapping where a list is due": (
        swapped("[[SHOP-42, acme/shop#17]]", "«{SHOP-42: acme/shop#17}»"), "links", "a list is needed here", "",
    ),
    "a link of one key": (
        swapped("[[SHOP-42, acme/shop#17]]", "[[A-1, b#1], «[SHOP-42]»]"),
        "links[1]", "a link is two different keys", "write [SHOP-42, acme/shop#17]",
    ),
    "a store of another kind": (
        SOUND + "store: «mysql://db/x»\n", "store", "a store is SQLite or PostgreSQL",
        "known here: sqlite, postgresql+psycopg, postgresql",
    ),
    "a store with two slashes": (
        SOUND + "store: «sqlite://file.db»\n", "store",
        "a SQLite URL has three slashes, and a fourth for an absolute path", "write sqlite:///FILE",
    ),
    "a process that does not ship": (
        swapped("delivery: delivery", "delivery: «devilery»"),
        "delivery", 'there is no delivery process "devilery"',
        'did you mean "delivery"?; a file of your own ends in .yaml',
    ),
    "a process file that is not there": (
        swapped("delivery: delivery", "delivery: «own/process.yaml»"),
        "delivery", "the process file own/process.yaml does not exist", "check the path",
    ),
    "a tracker's reserved name": (
        swapped("  jira:", "  «latest»:").replace("jira: [u", "latest: [u"),
        "trackers", "\"latest\" means something else where a tracker's name may stand", "choose another name",
    ),
    "a person's unknown key": (
        swapped("jira: [u1]", "«jria»: [u1]"),
        "people[0]", '"jria" is neither a tracker nor one of name, email, roles', MEAN("jira"),
    ),
    "a person's mistyped role": (
        swapped("jira: [u1], roles: [engineer]", "jira: [u1], roles: [«enginer»]"),
        "people[0].roles[0]", 'no stage of `delivery` has the role "enginer"', MEAN("engineer"),
    ),
    "an account claimed twice": (
        swapped("[u2, u3]", "[u2, «U1»]"),
        "people[1].jira[1]", 'jira account "U1" is claimed by ada-l and by grace-h', "leave it with one of them",
    ),
    "no e-mail address": (
        swapped("Grace-H@acme.example", "«Grace-H»"),
        "people[1].email", "this is no e-mail address", "write NAME@HOST, or remove the key",
    ),
    "a connector's own words": (
        swapped("[SHOP]", "«[shop]»"), "trackers.jira.projects", '"shop" is no project key', "",
    ),
    "trackers without one": (
        "«trackers»:\n", "trackers", "a mapping is needed here", "write key: value lines, indented below it",
    ),
    "an empty mapping of trackers": (
        "trackers: «{}»\n", "trackers", "this must not be empty", "add trackers: {github: {connector: github, …}}",
    ),
    "an unknown tag": (
        swapped("[SHOP]", "[«!shop» SHOP]").replace("«!shop» SHOP", "«!shop SHOP»"),
        "trackers.jira.projects[0]", "a tag that a configuration has no use for",
        "remove the !tag, or quote what begins with !",
    ),
    "a merge of no mapping": (
        swapped("  jira:\n", "  «jira»:\n    <<: SHOP\n"),
        "trackers.jira", "`<<` merges another mapping", "write <<: *NAME, with &NAME before that mapping",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "where", "message", "hint"), ONE.values(), ids=ONE)
def test_one_mistake_is_shown_where_it_stands(tmp_path: Path, text: str, where: str, message: str, hint: str) -> None:
    text, line, column, width = pointed(text)
    written(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)

    found = [(one.line, one.column, one.width, one.where, one.message, one.hint) for one in caught.value.problems]
    assert found == [(line, column, width, where, message, hint)]
    assert caught.value.problems[0].file == "trackersync.yaml"
    assert str(caught.value) == "trackersync.yaml has 1 problem. Nothing was read or written."


def test_the_screen(tmp_path: Path) -> None:
    text = swapped("      build:  {labels", "      biuld:  {labels")
    text = text.replace("projects: [SHOP]", "projects: SHOP").replace("share:", "shares:")
    written(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)

    shown = []
    for problem in caught.value.problems:
        shown += [f"{place(problem)}  {problem.where}: {problem.message}", *excerpt(problem, text)]
    assert shown == [
        'trackersync.yaml:10:7  trackers.github.stages: `delivery` has no stage "biuld"',
        '    9 |       idea:   {labels: ["stage: idea"]}',
        '   10 |       biuld:  {labels: ["stage: build"]}',
        '      |       ^^^^^ did you mean "build"?',
        "trackersync.yaml:15:15  trackers.jira.projects: a list is needed here",
        "   14 |     url: https://acme.atlassian.net",
        "   15 |     projects: SHOP",
        "      |               ^^^^ write [SHOP]",
        'trackersync.yaml:29:24  limits: unknown key "shares"',
        "   29 | limits: {changes: 500, shares: 20%}",
        '      |                        ^^^^^^ did you mean "share"?',
    ]
    assert str(caught.value) == "trackersync.yaml has 3 problems. Nothing was read or written."
    step = "trackersync stages --delivery delivery    the 13 stages of `delivery`, with role and outcome"
    assert caught.value.next_step == step


UNREADABLE = {
    "an open bracket": ("a: [1, 2\nb«:» 3\n", "this is not YAML: "),
    "two colons": ("a: b«:» c\n", "this is not YAML: a second colon stands in this line"),
    "a tab": ("a:\n«\t»b: 1\n", "this is not YAML: a tab stands in the indentation"),
    "a second document": ("a: 1\n«---»\nb: 1\n", "this is not YAML: but found another document"),
    "nothing": ("«»", "nothing is configured here"),
    "only a comment": ("«»# later\n", "nothing is configured here"),
    "a list": ("«»- a\n", "nothing is configured here"),
    "a control character": ("a: b«\x07»\n", "a character that YAML does not allow"),
    "an unknown alias": ("a: «*b»\n", "this is not YAML: a value that begins with * is an alias"),
    "brackets without end": ("[" * 100 + "«[»" + "[" * 500, "this is not YAML: this is nested too deeply"),
    "dashes without end": ("- " * 100 + "«-» " + "- " * 300_000, "this is not YAML: this is nested too deeply"),
}


@pytest.mark.parametrize(("text", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_configuration_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    text, line, column, _ = pointed(text) if "«" in text else (text, 1, 1, 1)
    written(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)

    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert (problem.line, problem.column) == (line, column)


def test_an_alias_that_holds_itself_ends(tmp_path: Path) -> None:
    written(tmp_path, SOUND + "x: &x [*x]\n")
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    assert any("an alias that contains itself" in one.message for one in caught.value.problems)


def test_aliases_that_multiply_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    written(tmp_path, "\n".join(lines))
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    assert any("aliases that multiply" in one.message for one in caught.value.problems)


def test_mistakes_everywhere_are_told_at_once(tmp_path: Path) -> None:
    text = (
        swapped("500", "many").replace("adopt: ask", "adopt: never").replace("[[SHOP-42, acme/shop#17]]", "[[A-1]]")
        .replace("connector: github", "connector: gitub").replace("[Done]", "[1]")
        .replace("[u2, u3]", "[u2, u1]")
    )  # fmt: skip
    written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ={})
    assert [one.where for one in caught.value.problems] == [
        "trackers.github.connector",
        "trackers.github.token",
        "trackers.jira.token",
        "trackers.jira.stages.done.statuses[0]",
        "sync.stage.adopt",
        "people[1].jira[1]",
        "links[0]",
        "limits.changes",
    ]


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    assert "neither trackersync.yaml nor .github/trackersync.yaml exists" in str(caught.value)
    assert "--config" in caught.value.next_step


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    written(tmp_path, SOUND)
    with pytest.raises(ConfigError, match=r"there is no configuration file other\.yaml"):
        load(tmp_path / "other.yaml", registry=REGISTRY, folder=tmp_path, environ=ENVIRON)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "trackersync.yaml").write_bytes(b"delivery: delivery\n# Gr\xfc\xdfe\n")
    with pytest.raises(ConfigError, match=r"trackersync.yaml is not UTF-8: line 2"):
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)


def test_an_override_is_blamed_by_its_name(tmp_path: Path) -> None:
    written(tmp_path, SOUND)
    environ = ENVIRON | {"TRACKERSYNC_LIMITS__CHANGES": "hunter22", "TRACKERSYNC_SYNC__OWNERS__ADOPT": "hunter23"}
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=environ, store="mysql://hunter24")
    assert sorted((one.file, one.line, one.where, place(one)) for one in caught.value.problems) == [
        ("--store", 0, "store", "--store"),
        ("TRACKERSYNC_LIMITS__CHANGES", 0, "limits.changes", "TRACKERSYNC_LIMITS__CHANGES"),
        ("TRACKERSYNC_SYNC__OWNERS__ADOPT", 0, "sync.owners.adopt", "TRACKERSYNC_SYNC__OWNERS__ADOPT"),
    ]
    assert "hunter2" not in repr(caught.value.problems)
    assert excerpt(caught.value.problems[0], SOUND) == []
