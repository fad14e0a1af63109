#!/usr/bin/env python3
"""What a release says of itself: its section of the changelog, if the tag, the version and the changelog agree.

    .ci/notes.py v1.2.3 [--outputs FILE]

Prints the section. Into FILE, in the form of GitHub's ``GITHUB_OUTPUT``, go ``version``; ``final``, false for 1.2.3rc1;
and ``major``, the tag that users of the Action follow. Needs Python's own library alone.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = re.compile(r"(?P<major>0|[1-9]\d*)\.\d+\.\d+(?P<pre>(?:a|b|rc)\d+)?")
"""What we release; the part of PEP 440 that Semantic Versioning has a word for, too."""


def refusal(tag: str, version: str, changelog: str) -> str | None:
    """Why this is no release, and what to do; None if it is one."""
    if not VERSION.fullmatch(version):
        return f'the version "{version}" is not like 1.2.3 or 1.2.3rc1: correct it in src/trackersync/__init__.py'
    if tag != f"v{version}":
        return f'the tag is "{tag}" and the version "{version}": tag v{version}, or correct src/trackersync/__init__.py'
    if not section(version, changelog):
        return f'CHANGELOG.md says nothing under "## {version}": rename "## Unreleased"'
    return None


def section(version: str, changelog: str) -> str:
    """What the changelog says of a version, without its title; empty if nothing."""
    found = re.search(rf"^## {re.escape(version)}(?: [^\n]*)?$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def main() -> int:
    """Print the notes; 1 with a sentence if this is no release."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("tag")
    asked.add_argument("--outputs", metavar="FILE", type=Path)
    asked.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    given = asked.parse_args()
    source = (given.root / "src" / "trackersync" / "__init__.py").read_text(encoding="utf-8")
    changelog = (given.root / "CHANGELOG.md").read_text(encoding="utf-8")
    written = re.search(r'^__version__ = "(.*)"$', source, re.MULTILINE)
    version = written[1] if written else ""
    said = refusal(given.tag, version, changelog)
    if said:
        sys.stderr.write(f"{said}\n")
        return 1
    found = VERSION.fullmatch(version)
    if given.outputs and found:
        with given.outputs.open("a", encoding="utf-8") as outputs:
            outputs.write(f"version={version}\nfinal={'false' if found['pre'] else 'true'}\nmajor=v{found['major']}\n")
    sys.stdout.write(f"{section(version, changelog)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
