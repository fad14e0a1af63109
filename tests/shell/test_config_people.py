"""People kept in a CSV file: what is read, and where its mistakes are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_samples import ENVIRON, REGISTRY, SOUND, written

from trackersync.config import Configuration, excerpt, load
from trackersync.core.model import Person
from trackersync.errors import ConfigError

HEAD, _, REST = SOUND.partition("people:\n")
TEXT = f"{HEAD}people: {{file: staff/people.csv}}\nlinks:{REST.partition('links:')[2]}"


def loaded(folder: Path, table: str | bytes) -> Configuration:
    written(folder, TEXT)
    file = written(folder, "", "staff/people.csv")
    file.write_bytes(table if isinstance(table, bytes) else table.encode())
    return load(registry=REGISTRY, folder=folder, environ=ENVIRON)


PERSONS = (
    Person("ada-l", {"github": ("ada-l",), "jira": ("u1", "u2")}, "ada-l@acme.example", ("engineer", "QA tester")),
    Person("grace-h", {"jira": ("u3",)}, None, ()),
)
ROWS = "ada-l,Ada-L@acme.example,engineer; qa tester,ada-l,u1;u2\ngrace-h,,,,u3\n"
TABLES = {
    "plain": f"name,email,roles,github,jira\n{ROWS}",
    "a spreadsheet's mark and line ends": f"\ufeffname,email,roles,github,jira\n{ROWS}".replace("\n", "\r\n"),
    "blank lines and spaces": f"\nname, email ,roles,github,jira\n\n{ROWS}\n,,,,\n".replace("grace-h,", " grace-h ,"),
    "other order": "jira,name,github,email,roles\n"
    "u1;u2,ada-l,ada-l,ada-l@acme.example,engineer;QA tester\nu3,grace-h,,,\n",
    "a row an account": "name,email,roles,github,jira\n"
    "ada-l,ada-l@acme.example,engineer,ada-l,u1\nAda-L,,QA tester,ada-l,u2\ngrace-h,,,,u3\n",
    "quotes": 'name,email,roles,github,jira\n"ada-l","ada-l@acme.example","engineer;QA tester",ada-l,"u1;u2"\n'
    '"grace-h",,,,"u3"',
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_of_people(tmp_path: Path, table: str) -> None:
    assert loaded(tmp_path, table).people == PERSONS


HEADER = "begin the file with the line name,email,roles,github,jira"
MISTAKES = {
    # by name: the table, then line, column, where, message and hint
    "no header": ("ada-l,ada-l,u1\n", 1, 1, "", "no header with a column `name`", HEADER),
    "semicolons between columns": ("name;email\nada-l;x\n", 1, 1, "", "no header with a column `name`", HEADER),
    "a column twice": ("name,jira,jira\n", 1, 1, "", "the header names a column twice, or not at all", HEADER),
    "nothing": ("\n\n", 1, 1, "", "the file is empty", HEADER),
    "an open quote": (
        'name,jira\n"ada-l,u1\n', 2, 1, "", "this is not CSV: unexpected end of data",
        'a " inside a cell is written ""',
    ),
    "an unknown column": (
        "name,jirra\nada-l,u1\n", 2, 7, "[0]", '"jirra" is neither a tracker nor one of name, email, roles',
        'did you mean "jira"?',
    ),
    "too many cells": (
        "name,jira\nada-l,u1\ngrace-h,u2,u3\n", 3, 1, "[1]", "this line has 3 cells where the header has 2",
        "add or remove commas",
    ),
    "too few cells": (
        "name,email,jira\nada-l,u1\n", 2, 1, "[0]", "this line has 2 cells where the header has 3",
        "add or remove commas",
    ),
    "no name": ("name,jira\n,u1\n", 2, 1, "[0]", '"name" is missing', "add name: LOGIN"),
    "one account, two persons": (
        "name,jira\nada-l,u1\n\ngrace-h,u2;U1\n", 4, 9, "[1].jira[1]",
        'jira account "U1" is claimed by ada-l and by grace-h', "leave it with one of them",
    ),
    "one address, two persons": (
        "name,email\nada-l,Ada@acme.example\ngrace-h,ada@acme.example\n", 3, 9, "[1].email",
        'e-mail "ada@acme.example" is claimed by ada-l and by grace-h', "leave it with one of them",
    ),
    "one person, two addresses": (
        "name,email,jira\nada-l,ada@acme.example,u1\nAda-L,ADA@acme.example,u2\nada-l,l@acme.example,u3\n",
        4, 7, "[2].email", 'ada-l has the e-mail "ada@acme.example" already', "keep one of them; accounts need none",
    ),
    "no address": (
        "name,email\nada-l,ada at acme\n", 2, 7, "[0].email", "this is no e-mail address",
        "write NAME@HOST, or remove the key",
    ),
    "a mistyped role": (
        "name,roles\nada-l,enginer\n", 2, 7, "[0].roles[0]", 'no stage of `delivery` has the role "enginer"',
        'did you mean "engineer"?',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_table(tmp_path: Path, name: str) -> None:
    table, *expected = MISTAKES[name]
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, table)
    problem = caught.value.problems[0]
    assert [problem.line, problem.column, problem.where, problem.message, problem.hint] == expected
    assert problem.file == "staff/people.csv"
    assert str(caught.value).startswith("staff/people.csv has ")
    assert excerpt(problem, table)


def test_mistakes_in_both_files_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, TEXT.replace("500", "x"))
    written(tmp_path, "name,jira\n,u1\n", "staff/people.csv")
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    assert [one.file for one in caught.value.problems] == ["trackersync.yaml", "staff/people.csv"]
    assert str(caught.value) == "trackersync.yaml and staff/people.csv have 2 problems. Nothing was read or written."


UNREAD = {"missing": None, "no UTF-8": b"name\n\xff\n", "a folder": False}


@pytest.mark.parametrize("content", UNREAD.values(), ids=UNREAD)
def test_a_table_that_cannot_be_read(tmp_path: Path, content: bytes | bool | None) -> None:
    written(tmp_path, TEXT)
    if content is False:
        (tmp_path / "staff/people.csv").mkdir(parents=True)
    elif isinstance(content, bytes):
        written(tmp_path, "", "staff/people.csv").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(registry=REGISTRY, folder=tmp_path, environ=ENVIRON)
    (problem,) = caught.value.problems
    assert (problem.file, problem.where) == ("trackersync.yaml", "people.file")
    assert problem.message.startswith("the file of people staff/people.csv ")
