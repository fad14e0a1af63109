"""No credential and no expanded variable is ever shown: not in messages, not in excerpts, not in what is printed."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from config_samples import ENVIRON, REGISTRY, SOUND, written
from pydantic import SecretStr

from trackersync.config import excerpt, load
from trackersync.config.document import read
from trackersync.errors import ConfigError, Problem

LITERAL = "plainSesame1234"


def refused(folder: Path, text: str, environ: dict[str, str] = ENVIRON) -> ConfigError:
    written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=folder, environ=environ)
    return caught.value


def everything(error: ConfigError, text: str) -> str:
    """All that anyone could print of a refusal, with the lines on both sides of each mistake."""
    shown = [line for problem in error.problems for line in excerpt(problem, text)]
    return "\n".join([*traceback.format_exception(error), repr(error.problems), error.next_step, *shown])


SPILLS = {
    "a literal token below a mistake": SOUND.replace("${JIRA_TOKEN}", LITERAL).replace("    stages:", "    stags:"),
    "a literal token above a mistake": SOUND.replace("${JIRA_TOKEN}", f"{LITERAL}\n    stagez: {{}}"),
    "a literal token on one line with a mistake": SOUND
    + f"x: {{connector: github, token: {LITERAL}, repositories: [a/b], oops: 1}}\n",
    "a mistyped key of a token": SOUND.replace("token: ${JIRA_TOKEN}", f"tokn: {LITERAL}"),
    "a capital key of a token": SOUND.replace("token: ${JIRA_TOKEN}", f"Token: {LITERAL}"),
    "another credential of a connector": SOUND.replace("projects:", f"webhook_secrt: {LITERAL}\n    projects:"),
    "a token that is a list": SOUND.replace("${JIRA_TOKEN}", f"[{LITERAL}]"),
    "a token that is a mapping": SOUND.replace("${JIRA_TOKEN}", f"{{x: {LITERAL}}}"),
    "a token in a block": SOUND.replace("${JIRA_TOKEN}", f"|\n      {LITERAL}\n      more").replace("[SHOP]", "SHOP"),
    "a token that is commented out": SOUND.replace("[SHOP]", "SHOP").replace(
        "    projects", f"    # token: {LITERAL}\n    projects"
    ),
    "a token of two words": SOUND.replace("${JIRA_TOKEN}", f'"{LITERAL} x"'),
    "a token after a broken line": SOUND.replace("${JIRA_TOKEN}", f"'{LITERAL}"),
    "a token like an alias": SOUND.replace("${JIRA_TOKEN}", f"*{LITERAL}"),
    "a token like a tag": SOUND.replace("${JIRA_TOKEN}", f"!{LITERAL}"),
    "a token like a directive": SOUND.replace("${JIRA_TOKEN}", f"%{LITERAL}"),
    "a token in an anchor elsewhere": f"x: &t {LITERAL}\n" + SOUND.replace("${JIRA_TOKEN}", "*t"),
    "a token in a URL": SOUND.replace("https://acme", f"https://bot:{LITERAL}@acme"),
    "a password in the store": SOUND + f"store: mysql://me:{LITERAL}@db/x\n",
    "a password with a slash in the store": SOUND + f"store: postgresql://me:p@s/{LITERAL}@db/x\n",
    "a password with blanks in the store": SOUND + f"store: mysql://me:p {LITERAL}@db/x\n",
    "a password in the query of the store": SOUND + f"store: mysql://db/x?password={LITERAL}\n",
    "a password in a sound store": SOUND.replace("500", "x") + f"store: postgresql://me:{LITERAL}@db/x\n",
}


@pytest.mark.parametrize("text", SPILLS.values(), ids=SPILLS)
def test_a_literal_credential_is_not_shown(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, text)
    assert error.problems
    assert LITERAL not in everything(error, text)
    assert LITERAL[:6] not in everything(error, text)


EXPANDED = {
    "a wrong word": SOUND.replace("adopt: ask", "adopt: ${X}"),
    "a wrong number": SOUND.replace("500", "${X}"),
    "a wrong value of a matcher": SOUND.replace("reason: completed", "reason: ${X}"),
    "a wrong connector": SOUND.replace("connector: github", "connector: ${X}"),
    "a wrong process": SOUND.replace("delivery: delivery", "delivery: ${X}"),
    "a wrong file": SOUND.replace("token: ${JIRA_TOKEN}", "token_file: ${X}"),
    "a wrong URL": SOUND.replace("https://acme.atlassian.net", "${X}"),
    "an account of two": SOUND.replace("[u1]", "['${X}']").replace("[u2, u3]", "['${X}']"),
    "a connector's own words": SOUND.replace("[SHOP]", "['${X}']"),
    "a wrong list": SOUND.replace("[SHOP]", "${X}"),
    "a wrong authority": SOUND.replace("authority: changed", "authority: ${X}"),
    "a wrong store": SOUND + "store: mysql://${X}\n",
    "what is set": SOUND.replace("statuses: [Done], set", "resolutions: [x], set").replace(": Done}", ": '${X}'}"),
}


@pytest.mark.parametrize("text", EXPANDED.values(), ids=EXPANDED)
def test_what_a_variable_holds_is_not_shown(tmp_path: Path, text: str) -> None:
    value = "sesame-in-the-environment"
    error = refused(tmp_path, text, ENVIRON | {"X": value})
    assert "sesame" not in everything(error, text)


def test_a_token_of_digits_is_asked_for_as_text_and_not_repeated(tmp_path: Path) -> None:
    text = SOUND.replace("${JIRA_TOKEN}", "4711081512345")
    error = refused(tmp_path, text)
    assert [(one.message, one.hint) for one in error.problems] == [("text is needed here", 'write "•••"')]
    assert "4711" not in everything(error, text)


def test_a_token_is_no_plain_text_from_the_moment_it_is_read() -> None:
    assert read("a: {token: sesame}", "f.yaml").value == {"a": {"token": SecretStr("sesame")}}


def test_a_connectors_words_stay_readable_where_a_part_is_masked(tmp_path: Path) -> None:
    error = refused(tmp_path, SOUND.replace("[SHOP]", "['${X}']"), ENVIRON | {"X": "lower-case"})
    assert [one.message for one in error.problems] == ['"•••" is no project key']


def test_a_sound_configuration_prints_no_credential(tmp_path: Path) -> None:
    written(tmp_path, SOUND + "store: postgresql://me:hunter2@db/x\n")
    printed = repr(load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON))
    assert "sesame" not in printed
    assert "hunter2" not in printed


def test_a_token_by_override_is_used_and_not_shown(tmp_path: Path) -> None:
    written(tmp_path, SOUND.replace("    token: ${JIRA_TOKEN}\n", ""))
    environ = ENVIRON | {"TRACKERSYNC_TRACKERS__JIRA__TOKEN": "sesame-by-override"}
    found = load(registry=REGISTRY, folder=tmp_path, environ=environ)
    assert found.trackers["jira"].token.get_secret_value() == "sesame-by-override"
    assert "sesame-by" not in repr(found)


def test_an_override_that_is_no_json_is_not_shown(tmp_path: Path) -> None:
    error = refused(tmp_path, SOUND, ENVIRON | {"TRACKERSYNC_LIMITS": "sesame"})
    assert "TRACKERSYNC_LIMITS" in str(error)
    assert "sesame" not in everything(error, SOUND)
    assert error.__cause__ is None


TOKEN_FILES = {
    # name: (content or None for no file, message)
    "none": (None, "the token file secrets/jira does not exist"),
    "empty": ("", "the token is empty"),
    "only line breaks": ("\n\n", "the token is empty"),
    "two lines": ("one\ntwo\n", "a token is one word"),
    "no ASCII": ("sesamé", "a token is one word"),
}


@pytest.mark.parametrize(("content", "message"), TOKEN_FILES.values(), ids=TOKEN_FILES)
def test_a_token_file_without_a_token(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        written(tmp_path, content, "secrets/jira")
    error = refused(tmp_path, SOUND.replace("token: ${JIRA_TOKEN}", "token_file: secrets/jira"))
    assert [(one.where, one.message, one.column) for one in error.problems] == [
        ("trackers.jira.token_file", message, 17)
    ]


def test_a_token_file_is_read_beside_the_configuration_without_its_line_break(tmp_path: Path) -> None:
    written(tmp_path, "from-a-file\n", "deep/secrets/jira")
    file = written(tmp_path, SOUND.replace("token: ${JIRA_TOKEN}", "token_file: secrets/jira"), "deep/a.yaml")
    found = load(file, registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    assert found.trackers["jira"].token.get_secret_value() == "from-a-file"


def test_two_places_for_one_token(tmp_path: Path) -> None:
    error = refused(tmp_path, SOUND.replace("token: ${JIRA_TOKEN}", "token: ${JIRA_TOKEN}\n    token_file: x"))
    assert [one.message for one in error.problems] == ["there is a `token` as well"]


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    error = refused(tmp_path, SOUND, ENVIRON | {"JIRA_TOKEN": ""})
    assert [one.message for one in error.problems] == ["environment variable JIRA_TOKEN is set but empty"]


EXCERPTS = {
    # name: (text, line, column, width, lines expected)
    "the token itself": (
        "a:\n  token: abcdef\n", 2, 10, 6, ["    1 | a:", "    2 |   token: •••", "      |          ^^^ hint"],
    ),
    "a word after a token": (
        "a: {token: abcdef, x: 1}\n", 1, 20, 1, ["    1 | a: {token: •••, x: 1}", "      |                 ^ hint"],
    ),
    "a word before a token": (
        "a: {x: 1, token: abcdef}\n", 1, 5, 1, ["    1 | a: {x: 1, token: •••}", "      |     ^ hint"],
    ),
    "a variable is only a name": ("token: ${T}\n", 1, 8, 4, ["    1 | token: ${T}", "      |        ^^^^ hint"]),
    "a file's name is no token": (
        "token_file: a/b\n", 1, 13, 3, ["    1 | token_file: a/b", "      |             ^^^ hint"],
    ),
    "a vendor's token anywhere": ("x: ghp_0123456789abcdef\n", 1, 1, 1, ["    1 | x: •••", "      | ^ hint"]),
    "wide letters": ("日本: {x: 1}\n", 1, 6, 1, ["    1 | 日本: {x: 1}", "      |        ^ hint"]),
    "a line beyond the end": ("a: 1\n", 7, 1, 1, ["      | hint"]),
    "control characters": ("a: '\x1b[31m'\n", 1, 1, 1, ["    1 | a: ' [31m'", "      | ^ hint"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "width", "expected"), EXCERPTS.values(), ids=EXCERPTS)
def test_an_excerpt(text: str, line: int, column: int, width: int, expected: list[str]) -> None:
    assert excerpt(Problem("f.yaml", line, column, "", "", "hint", width), text) == expected


def test_a_long_line_is_cut_around_the_mistake() -> None:
    text = f"a: [{', '.join(f'label{n}' for n in range(60))}]\n"
    column = text.index("label40") + 1
    shown, mark = excerpt(Problem("f.yaml", 1, column, "", "", "", 7), text)
    assert len(shown) <= 100
    assert shown[8] == "…"
    assert shown[-1] == "…"
    assert shown[mark.index("^") : mark.rindex("^") + 1] == "label40"
