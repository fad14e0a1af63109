"""Rules of other people's packages: found, refused with a sentence, and never the end of a check."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from product import CHECKOUT, Shop, spawn
from trackersync.core.diagnose import RULES
from trackersync.errors import ConfigError
from trackersync.registry import RULE_GROUP, rules

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (CHECKOUT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
RULE, TESTS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
(PROJECT,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ENTRY = "acme = acme_rules:SECURITY_OWNER"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder on the path into which packages are put as an installer would."""

    folder: Path

    def module(self, name: str, text: str) -> None:
        (self.folder / f"{name}.py").write_text(text, encoding="utf-8")

    def package(self, name: str, *entries: str) -> None:
        info = self.folder / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text("\n".join([f"[{RULE_GROUP}]", *entries, ""]), encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        monkeypatch.delitem(sys.modules, name)
    return Site(folder)


def test_the_page_declares_what_an_installer_would_write() -> None:
    assert f'[project.entry-points."{RULE_GROUP}"]' in PROJECT
    assert ENTRY.replace("acme_rules:SECURITY_OWNER", '"acme_rules:SECURITY_OWNER"') in PROJECT


def test_the_rule_of_the_page_is_about_thirty_lines_long() -> None:
    assert len([line for line in RULE.splitlines() if line]) <= 32


def test_the_rules_of_packages_stand_behind_those_that_ship_sorted_by_package(site: Site) -> None:
    site.module("acme_rules", RULE)
    site.module("acme_more", "from dataclasses import replace\nfrom acme_rules import SECURITY_OWNER as one\n"
                "B, A = replace(one, name='bb'), replace(one, name='aa')\nBOTH = [B, A]\n")  # fmt: skip
    site.package("zeta-rules", ENTRY)
    site.package("acme-more", "y = acme_more:BOTH")
    assert rules()[: len(RULES)] == RULES
    added = rules()[len(RULES) :]
    assert [(rule.package, rule.name) for rule in added] == [
        ("acme-more", "bb"), ("acme-more", "aa"), ("zeta-rules", "security-owner"),
    ]  # fmt: skip
    assert {rule.package for rule in RULES} == {""}


MADE = "from dataclasses import replace\nfrom acme_rules import SECURITY_OWNER as one\nrule = "
REFUSED = {
    # name: (module's text, message, next step)
    "no such name": ("", "the rules of acme-other cannot be loaded: AttributeError", "reinstall acme-other"),
    "not to be imported": ("1 / 0", "cannot be loaded: ZeroDivisionError: division by zero", "reinstall acme-other"),
    "of a trackersync that has more": ("from trackersync.rules import Nothing", "cannot be loaded: ImportError", "reinstall"),
    "no rule": ("rule = 7", '"other" of acme-other names no trackersync.rules.Rule but int', "its entry point must name a Rule"),
    "no rule among rules": (MADE + "(one, 'x')", "names no trackersync.rules.Rule but", "its entry point"),
    "a later version": (MADE + "replace(one, sdk=2)", 'rule "security-owner" of acme-other was written for version 2 of the rules SDK; this trackersync speaks version 1', "upgrade trackersync"),
    "an earlier version": (MADE + "replace(one, sdk=0)", "was written for version 0", "upgrade acme-other"),
    "a shipped rule's name": (MADE + "replace(one, name='no-owner')", 'acme-other brings a rule "no-owner", and so does trackersync itself', "uninstall acme-other"),
    "another package's": (MADE + "one", 'acme-rules brings a rule "security-owner", and so does acme-other', "uninstall acme-rules"),
    "its own twice": (MADE + "[replace(one, name='x'), replace(one, name='x')]", 'acme-other brings a rule "x", and so does another', "uninstall acme-other"),
    "a name that is no word": (MADE + "replace(one, name='Has Spaces')", 'rule "Has Spaces" of acme-other cannot be used: its name is not in kebab-case', "tell its author"),
    "nothing to ask": (MADE + "replace(one, name='x', judge=None)", "it has neither judge nor tally", "tell its author"),
    "no such place": (MADE + "replace(one, name='x', place='here')", 'there is no place "here"', "tell its author"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "next_step"), REFUSED.values(), ids=REFUSED)
def test_a_package_is_refused_by_name(site: Site, text: str, message: str, next_step: str) -> None:
    site.module("acme_rules", RULE)
    site.module("acme_other", text)
    site.package("acme-rules", ENTRY)
    site.package("acme-other", "other = acme_other:rule")
    with pytest.raises(ConfigError) as caught:
        rules()
    assert message in str(caught.value)
    assert caught.value.next_step.startswith(next_step)


def test_the_tests_of_the_page_pass(site: Site) -> None:
    site.module("acme_rules", RULE)
    site.module("test_acme_rules", TESTS)
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(site.folder)],
        cwd=site.folder, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "37 passed" in done.stdout


def test_a_check_asks_the_rule_of_the_page(shop: Shop, site: Site) -> None:
    site.module("acme_rules", RULE)
    site.package("acme-rules", ENTRY)
    done = spawn(shop.folder, "rules", "security-owner")
    assert done.code == 0, done.said
    assert "A security issue that nobody has taken on in time." in done.said
    shop.settings["rules"] = {"security-owner": {"label": "stage: build", "days": 0}}
    shop.configure()
    found = shop.json("check", code=1)["findings"]
    assert {"SHOP-31"} <= {one["items"][0]["key"] for one in found if one["rule"] == "security-owner"}


def test_a_rule_that_raises_ends_no_check(shop: Shop, site: Site) -> None:
    site.module("acme_rules", RULE.replace("created = min(", "created = None or case.nothing("))
    site.package("acme-rules", ENTRY)
    before = len([one for one in shop.json("check", code=1)["findings"] if one["rule"] != "security-owner"])
    shop.settings["rules"] = {"security-owner": {"label": "stage: build"}}
    shop.configure()
    found = shop.json("check", code=1)["findings"]
    (failing,) = [one for one in found if one["rule"] == "security-owner"]
    assert len(found) == before + 1
    assert failing["severity"] == "warning"
    assert "security-owner of acme-rules fails on" in failing["message"]
    assert "AttributeError in acme_rules.py:" in failing["message"]


def test_a_package_that_is_refused_stops_a_check_before_it_looks(shop: Shop, site: Site) -> None:
    site.package("acme-rules", ENTRY)
    done = shop.run("check")
    assert done.code == 2
    assert "the rules of acme-rules cannot be loaded" in done.said
    assert shop.reads == 0
