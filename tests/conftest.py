"""What tests all over share: the entry points of this checkout, the shop with a command line, ``../shared``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import postgres as postgresql
from product import SHARED, TOKENS, Shop, declared
from sharing import shared_out
from thorough import ASKED, examples
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# A busy machine is no failure: nothing here is timed but the benchmarks.
settings.register_profile("trackersync", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=examples(100))
settings.load_profile(os.environ.get(ASKED, "trackersync"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before xdist reads the groups, and after pytest-randomly has shuffled."""
    items[:] = shared_out(items)


@pytest.fixture(scope="session")
def connectors_declared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make the connectors findable, whether the checkout is installed or only on the path."""
    folder = declared(tmp_path_factory.mktemp("metadata"))
    if folder is not None:
        sys.path.append(str(folder))
    yield
    if folder is not None:
        sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; tests that need it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("the folder `shared` with real data is not beside the checkout")
    return SHARED


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens that the stand-ins take, where the sample configuration looks for them."""
    for name, token in TOKENS.items():
        monkeypatch.setenv(name, token)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connectors_declared: None, tokens: None) -> Path:
    """An empty folder to type commands in."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TRACKERSYNC_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    """The sample shop, running, with its configuration in the folder one is in."""
    with running(Options()) as sandbox:
        yield Shop(sandbox, folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    """A PostgreSQL server that the tests of this process share; skips where it is not installed."""
    with postgresql.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: postgresql.Server) -> Iterator[str]:
    """The address of a new, empty database."""
    url = postgres.database()
    yield url
    postgres.drop(url)
