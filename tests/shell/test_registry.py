"""Connectors by name: loaded when asked for, refused with a sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from config_samples import GITHUB, JIRA

from trackersync.connector import SDK, Plugin
from trackersync.errors import ConfigError
from trackersync.registry import GROUP, Registry, discover

MODULE = "trackersync_registry_sample"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path in which distributions with entry points can be put."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{MODULE}.py").write_text("from config_samples import GITHUB as connector\nnothing = 1\n")
    yield tmp_path
    sys.modules.pop(MODULE, None)


def distribution(folder: Path, name: str, *entries: str) -> None:
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *entries, ""]))


def test_a_plugin_is_loaded_once_and_only_when_asked_for() -> None:
    asked: list[str] = []

    def load() -> Plugin:
        asked.append("jira")
        return JIRA

    registry = Registry({"jira": load, "github": lambda: GITHUB})
    assert registry.names == ("github", "jira")
    assert asked == []
    assert registry.plugin("jira") is registry.plugin("jira") is JIRA
    assert asked == ["jira"]


def test_an_unknown_name_has_the_nearest() -> None:
    registry = Registry({"jira": lambda: JIRA, "github": lambda: GITHUB})
    with pytest.raises(ConfigError, match='there is no connector "jra"') as caught:
        registry.plugin("jra")
    assert caught.value.next_step == 'did you mean "jira"?'
    with pytest.raises(ConfigError) as caught:
        registry.plugin("trello")
    assert caught.value.next_step == "installed: github, jira"
    with pytest.raises(ConfigError) as caught:
        Registry({}).plugin("jira")
    assert caught.value.next_step.startswith("no connector is installed")


VERSIONS = {"older": (SDK - 1, "upgrade the connector"), "newer": (SDK + 1, "upgrade trackersync")}


@pytest.mark.parametrize(("sdk", "next_step"), VERSIONS.values(), ids=VERSIONS)
def test_a_plugin_of_another_sdk_is_refused(sdk: int, next_step: str) -> None:
    other = Plugin(**{name: getattr(JIRA, name) for name in Plugin.__slots__} | {"sdk": sdk})
    with pytest.raises(ConfigError) as caught:
        Registry({"jira": lambda: other}).plugin("jira")
    assert str(caught.value) == (
        f'connector "jira" was built for version {sdk} of the connector SDK; this trackersync speaks version {SDK}'
    )
    assert caught.value.next_step == next_step


def test_connectors_are_found_through_their_entry_points(installed: Path) -> None:
    distribution(installed, "acme-tracker", f"acme = {MODULE}:connector")
    registry = discover()
    assert "acme" in registry.names
    assert MODULE not in sys.modules
    assert registry.plugin("acme") is GITHUB


BROKEN = {
    # name: (entry, message, next step)
    "no module": ("acme = trackersync_not_there:x", "cannot be loaded", "reinstall acme-tracker"),
    "no such name in it": (f"acme = {MODULE}:other", "cannot be loaded", "reinstall acme-tracker"),
    "no plugin": (f"acme = {MODULE}:nothing", "names no trackersync.connector.Plugin but int", "its entry point"),
}


@pytest.mark.parametrize(("entry", "message", "next_step"), BROKEN.values(), ids=BROKEN)
def test_a_broken_connector_is_refused_by_name(installed: Path, entry: str, message: str, next_step: str) -> None:
    distribution(installed, "acme-tracker", entry)
    with pytest.raises(ConfigError) as caught:
        discover().plugin("acme")
    assert str(caught.value).startswith('connector "acme"')
    assert message in str(caught.value)
    assert caught.value.next_step.startswith(next_step)


def test_two_packages_of_one_name_are_refused(installed: Path) -> None:
    distribution(installed, "acme-one", f"acme = {MODULE}:connector")
    distribution(installed, "acme-two", f"acme = {MODULE}:nothing")
    with pytest.raises(ConfigError, match='connector "acme" is claimed by acme-one and acme-two'):
        discover().plugin("acme")
