"""What is handed out: the same bytes whoever builds it, all that a run needs and nothing else, one version."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from email.parser import Parser
from functools import cached_property
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from product import CHECKOUT, environment, spawn
from trackersync import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from product import Shop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="releases are built by bash")


def built(checkout: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own script
        [checkout / ".ci" / "build", sys.executable, folder],
        env=environment(PYTHONPATH=""), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


class Distribution:
    """An sdist and a wheel, as built of this checkout."""

    def __init__(self, folder: Path, said: str) -> None:
        self.folder, self.said = folder, said
        (self.sdist,) = folder.glob("*.tar.gz")
        (self.wheel,) = folder.glob("*.whl")

    @cached_property
    def in_wheel(self) -> frozenset[str]:
        with zipfile.ZipFile(self.wheel) as packed:
            return frozenset(packed.namelist())

    @cached_property
    def in_sdist(self) -> frozenset[str]:
        with tarfile.open(self.sdist) as packed:
            return frozenset(name.partition("/")[2] for name in packed.getnames())

    def read(self, name: str) -> str:
        with zipfile.ZipFile(self.wheel) as packed:
            return packed.read(name).decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    folder = tmp_path_factory.mktemp("dist")
    done = built(CHECKOUT, folder)
    assert done.returncode == 0, done.stderr
    return Distribution(folder, done.stdout)


def files(folder: str) -> set[str]:
    """The files in a folder of the checkout, by their names in it; without what running leaves there."""
    at = CHECKOUT / folder
    return {file.relative_to(at).as_posix() for file in at.rglob("*") if file.is_file() and file.suffix != ".pyc"}


def test_two_builds_that_differ_in_all_but_the_source_are_the_same_bytes(made: Distribution) -> None:
    """The script compares; here, that it names both files, and that nothing of this machine or day is in them."""
    assert re.findall(r"^[0-9a-f]{64}  (\S+)$", made.said, re.MULTILINE) == [made.wheel.name, made.sdist.name]
    with tarfile.open(made.sdist) as packed:
        marks = {(one.uid, one.gid, one.uname, one.gname, one.mtime) for one in packed.getmembers()}
    assert len(marks) == 1
    assert {mark[:4] for mark in marks} == {(0, 0, "", "")}


def test_a_build_that_says_when_it_was_made_is_refused(tmp_path: Path) -> None:
    checkout = copied(tmp_path / "checkout")
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write('\n[tool.hatch.build.hooks.custom]\npath = "hook.py"\n')
        project.write('\n[tool.hatch.build.targets.sdist.force-include]\n"hook.py" = "hook.py"\n')
    checkout.joinpath("hook.py").write_text(
        "import time\nfrom pathlib import Path\n"
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Hook(BuildHookInterface):\n"
        "    def initialize(self, version, data):\n"
        "        Path(self.root, 'src/trackersync/made.txt').write_text(str(time.time_ns()))\n",
        encoding="utf-8",
    )

    done = built(checkout, tmp_path / "dist")

    assert done.returncode == 1
    assert "two builds of trackersync" in done.stderr


def copied(checkout: Path) -> Path:
    """A small checkout that can be built: without the connectors' and most of the program's code."""
    checkout.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, checkout)
    shutil.copytree(CHECKOUT / ".ci", checkout / ".ci")
    shutil.copytree(CHECKOUT / "config" / "words", checkout / "config")
    for package in ("src/trackersync", "connectors/trackersync_github", "connectors/trackersync_jira"):
        (checkout / package).mkdir(parents=True)
        shutil.copy(CHECKOUT / package / "__init__.py", checkout / package)
    return checkout


def test_the_wheel_holds_the_program_and_what_it_reads_and_nothing_else(made: Distribution) -> None:
    wanted = {
        *(f"trackersync/{name}" for name in files("src/trackersync")),
        *(
            f"{name}/{file}"
            for name in ("trackersync_github", "trackersync_jira")
            for file in files(f"connectors/{name}")
        ),
        *(f"trackersync/_config/{name}" for name in files("config")),
    }
    meta = f"trackersync-{__version__}.dist-info"
    assert made.in_wheel == wanted | {
        f"{meta}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }
    assert {name for name in made.in_wheel if name.endswith("/py.typed")} == {
        f"{name}/py.typed" for name in ("trackersync", "trackersync_github", "trackersync_jira")
    }


@pytest.mark.parametrize(
    "name",
    [
        *("LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "Makefile", ".ci/run", ".ci/build"),
        *("docs/getting-started.md", "config/delivery.yaml", "src/trackersync/py.typed"),
        *("tests/conftest.py", ".github/workflows/ci.yml"),
    ],
)
def test_the_sdist_holds_what_is_needed_to_work_on_it(made: Distribution, name: str) -> None:
    assert name in made.in_sdist


def test_the_sdist_holds_nothing_that_lies_about(made: Distribution) -> None:
    named = {"src", "connectors", "config", "docs", "tests", ".ci", ".github"}
    single = {name for name in made.in_sdist if name.partition("/")[0] not in named}
    assert single <= {
        *(
            "PKG-INFO",
            "pyproject.toml",
            "README.md",
            "LICENSE",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "Makefile",
            ".gitignore",
        ),
        *("Dockerfile", ".dockerignore", "action.yml"),
    }
    assert not [name for name in made.in_sdist if re.search(r"__pycache__|\.pyc$|\.db$|\.venv|_cache/", name)]


class Listener(BaseHTTPRequestHandler):
    """Refuses everybody, and remembers who they said they are."""

    agents: set[str]

    def do_GET(self) -> None:
        self.agents.add(self.headers["user-agent"])
        body = b'{"message": "Bad credentials"}'
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def listening() -> Iterator[tuple[str, set[str]]]:
    agents: set[str] = set()
    server = HTTPServer(("127.0.0.1", 0), type("One", (Listener,), {"agents": agents}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", agents
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_wheel_says_the_version_that_the_package_says(made: Distribution) -> None:
    said = Parser().parsestr(made.read(f"trackersync-{__version__}.dist-info/METADATA"))
    assert said["Version"] == __version__
    assert made.sdist.name == f"trackersync-{__version__}.tar.gz"


def test_the_number_is_written_nowhere_else() -> None:
    code = [file for folder in ("src", "connectors") for file in (CHECKOUT / folder).rglob("*.py")]
    number = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])")
    written = [
        file.relative_to(CHECKOUT).as_posix() for file in code if number.search(file.read_text(encoding="utf-8"))
    ]
    assert written == ["src/trackersync/__init__.py"]


def test_one_place_decides_the_version_everywhere(
    tmp_path: Path, made: Distribution, shop: Shop, listening: tuple[str, set[str]]
) -> None:
    """The wheel's content with another number in that place, run."""
    address, agents = listening
    shutil.unpack_archive(made.wheel, tmp_path / "lib", "zip")
    place = tmp_path / "lib" / "trackersync" / "__init__.py"
    place.write_text(place.read_text(encoding="utf-8").replace(__version__, "98.7.6"), encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "lib"), environment()["PYTHONPATH"]])

    report = json.loads(spawn(shop.folder, "check", "--format", "sarif", PYTHONPATH=path).out)
    spawn(tmp_path, "check", "acme/shop", "--github-url", address, PYTHONPATH=path)

    driver = report["runs"][0]["tool"]["driver"]
    assert spawn(tmp_path, "--version", PYTHONPATH=path).out == "trackersync 98.7.6\n"
    assert (driver["version"], driver["semanticVersion"]) == ("98.7.6", "98.7.6")
    assert agents == {"trackersync/98.7.6"}


def test_python_runs_it_as_a_module() -> None:
    command = [sys.executable, "-m", "trackersync", "--version"]
    said = subprocess.check_output(command, env=environment(), text=True)  # noqa: S603  # our own interpreter
    assert said == f"trackersync {__version__}\n"
