"""The reference page of the configuration, ``docs/configuration.md``: above all the models' own words, in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trackersync.config.described import FILE, Installed, matches, plugins_of
from trackersync.config.keys import MEMBER, NAME, TRACKERS, Key, keys, of_model
from trackersync.config.process import ProcessFile
from trackersync.connector import Plugin

HEAD = f"""\
# The configuration

Made from the code by `trackersync config --reference`. `trackersync config` shows what holds for you and where each
value comes from, and `trackersync config limits.share` says all about one key. A file with every key in it is
[config/examples/all-keys.yaml](../config/examples/all-keys.yaml); a real one needs ten lines.

## Which file, and what lies over it

The first of `trackersync.yaml` and `.github/trackersync.yaml` in the working directory is read, or the one that
`--config FILE` names. What a key holds is decided by the first of these that says something of it:

1. the command line: `--store`;
2. a variable `TRACKERSYNC_…`;
3. the file;
4. the files that it includes;
5. the default.

All of it is checked before anything is read from a tracker or written to one, and all mistakes are shown at once, each
with its file, line and column. An unknown key is a mistake everywhere.

## Variables and secrets

A variable is called `TRACKERSYNC_` and the key, with two underscores between the parts:
`TRACKERSYNC_LIMITS__CHANGES=500`, `TRACKERSYNC_TRACKERS__GITHUB__WRITES=none`. Small and capital letters are the same
there, so a tracker that is to be reached by variables has a name in small letters and without a hyphen. A hyphen in a
rule's name is an underscore: `TRACKERSYNC_RULES__NO_OWNER=warning`. A list of words is written `a,b` or as JSON; other
lists and mappings are JSON. An empty variable counts as unset; one that begins like these and names no key is a
mistake. `include` stands in files alone.

In a file, `${{NAME}}` in any value is the environment variable's value (`$${{` is a plain `${{`); one that is unset or
empty is a mistake. So a token need never stand in a file:

```yaml
token: ${{GITHUB_TOKEN}}          # from the environment
token_file: /run/secrets/github   # or from a file, as containers get theirs; its white space at both ends is dropped
```

The path of such a file may come from a variable as well:
`TRACKERSYNC_TRACKERS__GITHUB__TOKEN_FILE=/run/secrets/github`. Values of `token`, `private_key`, `webhook_secrets` and
of every variable are never part of a message.

## Several files

`include: company.yaml`, or a list of files, lays this file over others:

- mappings are joined key by key, at any depth: `trackers`, `rules`, `limits`, …;
- a list is taken from the upper file whole, and so is one stage's entry below `stages` and `outcomes`;
- a later file of the list lies over an earlier one, and included files may include others;
- `null` takes away what a lower file says: `people: null`, `rules: {{no-owner: null}}`. Where there is nothing to take
  away it is the mistake that it is without an include;
- a path, of a file to include too, is relative to the file that wrote it, so a company's file keeps its process and its
  list of people beside itself. A path from a variable is relative to the file that was named;
- a `${{VAR}}` that the upper file replaces need not be set;
- every mistake is shown in the file that made it.

An overlay, for another environment say, is a file that includes what it lies over: `--config staging.yaml` with
`include: trackersync.yaml`. `--config` names one file, so that every command that is printed can be pasted.
What counts as a changed mapping is what holds in the end, whichever file says it.

### Many teams

One file for the company, with everything that is the same everywhere, and one a team, with its own trackers; each team
runs with its own file and has its own store. See [config/examples/teams](../config/examples/teams):

```console
$ trackersync check --config teams/checkout.yaml
$ trackersync config --config teams/checkout.yaml     # what holds for checkout, and which of the two files says it
```

## Editors

`trackersync config --schema > {FILE}` writes a JSON schema (draft 2020-12) of the connectors and rules that are
installed. With it beside the file and this as the file's first line, editors with a YAML language server complete keys
and explain them:

```yaml
# yaml-language-server: $schema={FILE}
```

The schema knows what one file alone can know; what needs the delivery process or another key, `trackersync config`
says.
`trackersync config --process-schema` writes the one of a delivery process.

## Every key
"""
_ROWS = ("| key | takes | by default | |", "|---|---|---|---|")


def reference(registry: Installed) -> str:
    """The page, in Markdown."""
    all_ = keys(registry)
    lines = [HEAD.rstrip()]
    lines += ["", "### The file", "", *_table(one for one in all_ if len(one.path) == 1)]
    below = [one for one in all_ if one.path[:2] == (TRACKERS, NAME)]
    lines += ["", "### trackers", "", "Below the team's name for it, of every tracker:", ""]
    lines += _table((one for one in below if not one.connector), 2)
    for name, plugin in plugins_of(registry).items():
        lines += ["", f"### connector: {name}", "", *_table((one for one in below if one.connector == name), 2)]
        lines += ["", *_words(plugin)]
    for top in (one for one in all_ if len(one.path) == 1 and one.section and one.path != (TRACKERS,)):
        lines += ["", f"### {top.path[0]}", "", _safe(top.description), ""]
        lines += _table((one for one in all_ if one.path[0] == top.path[0] and one is not top), 1)
    lines += [
        "",
        "### rules",
        "",
        "Which rules there are and what can be set of each: [rules.md](rules.md). How they are",
    ]
    lines += ["selected and silenced: [check.md](check.md).", "", "## A delivery process", ""]
    lines += [
        "`delivery: ./process.yaml` names a file of the team's own. Its keys:",
        "",
        *_table(of_model(ProcessFile)),
    ]
    return "\n".join(lines) + "\n"


def _table(some: Iterable[Key], strip: int = 0) -> Iterator[str]:
    yield from _ROWS
    for key in some:
        name = ".".join(key.path[strip:]).replace(f".{MEMBER}", MEMBER).removeprefix(f"{MEMBER}.")
        default = "needed" if key.needed else f"`{key.default}`" if key.default and not key.section else ""
        yield f"| `{name}` | {key.takes} | {default} | {_safe(key.description).replace('|', chr(92) + '|')} |"


def _words(plugin: Plugin) -> Iterator[str]:
    """What a stage's entry may name."""
    yield "What an entry of its `stages`, `outcomes` and `hands_off` may name:"
    yield ""
    yield from ("| word | values | |", "|---|---|---|")
    for one in plugin.vocabulary.matchers:
        values = ", ".join(f"`{value}`" for value in one.values or ())
        yield f"| `{one.key}` | {values or 'any'} | {matches(one)} |"
    if plugin.vocabulary.marks:
        yield f"| {', '.join(f'`{one.key}`' for one in plugin.vocabulary.marks)} | any | Of `hands_off` only. |"


def _safe(text: str) -> str:
    return text.replace("<", "&lt;")
