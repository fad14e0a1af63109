"""The container, as far as it can be had without one: the Dockerfile looked over, its steps taken in a fresh folder.

The program that comes of them is run as the image runs it: without rights, nothing to write to but the store, and ended
by SIGTERM.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from imaged import BUILD, FINAL, NOBODY, Container, Image, ignored, powerless, read_only, sent, taken, values

from product import CHECKOUT, Shop
from trackersync.cli.alive import port_of, trouble

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the image is Linux")

# What the file says.


def linted(file: Path) -> tuple[int, str]:
    found = shutil.which("hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, "the group `dev` brings hadolint: pip install --group dev"
    done = subprocess.run(  # noqa: S603  # a linter and a file of ours
        [found, "--failure-threshold", "style", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout


def test_a_linter_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    assert linted(CHECKOUT / "Dockerfile") == (0, "")
    careless = tmp_path / "Dockerfile"
    careless.write_text((CHECKOUT / "Dockerfile").read_text().replace("\nUSER 10001:10001\n", "\nUSER root\n"))
    assert "DL3002" in linted(careless)[1], "it does look"


def test_nobody_but_a_number_runs_it_and_signals_reach_it() -> None:
    assert values(FINAL, "USER") == [f"{NOBODY}:{NOBODY}"]
    assert values(FINAL, "STOPSIGNAL") == ["SIGTERM"]
    # As lists they are run without a shell, which would take the signals for itself.
    assert values(FINAL, "ENTRYPOINT") == ['["trackersync"]']
    assert all(text.startswith("[") for text in values(FINAL, "CMD"))
    assert values(FINAL, "VOLUME") == ['["/data"]']


def test_what_builds_stays_behind() -> None:
    assert not [step for step in values(FINAL, "RUN") if re.search(r"\b(pip|apt|apt-get|gcc|curl)\b", step)]
    assert values(FINAL, "COPY") == ["--from=build /opt/trackersync /opt/trackersync"]


# Its steps, taken.


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    root = Path(tempfile.mkdtemp(prefix="trackersync-image-"))
    try:
        context = root / "src"
        context.mkdir()
        for path in sent():
            if path.is_dir():
                shutil.copytree(path, context / path.name, ignore=ignored)
            else:
                shutil.copy(path, context)
        for step in values(BUILD, "RUN"):
            taken(step, root, context)
        root.chmod(0o755)
        yield Image(root, root / "opt/trackersync/bin/trackersync")
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_the_environment_holds_the_program_and_neither_pip_nor_tests(image: Image) -> None:
    names = {path.name for path in image.program.parent.iterdir()}
    assert "trackersync" in names
    assert not [name for name in names if name.startswith("pip")]
    packages = next(image.root.glob("opt/trackersync/lib/python3*/site-packages"))
    assert (packages / "trackersync/_config/delivery.yaml").is_file()
    assert not (packages / "tests").exists()


# The program that comes of them.


@pytest.fixture
def container(image: Image, shop: Shop) -> Iterator[Container]:
    folder = Path(tempfile.mkdtemp(prefix="trackersync-data-"))
    try:
        shop.settings["limits"]["share"] = "100%"
        shop.configure()
        shutil.copy(shop.file, folder)
        (folder / shop.file.name).chmod(0o444)
        prefix, somebody = powerless()
        if somebody:
            os.chown(folder, NOBODY, NOBODY)
        folder.chmod(0o700)
        yield Container(image, folder, prefix, somebody)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def written(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if stat.S_ISREG(path.lstat().st_mode)}


def test_one_run_writes_its_store_and_nothing_else(container: Container) -> None:
    before = written(container.image.root)
    with read_only(container.image.root):
        code, said = container.run("sync", "--yes")
        assert code == 0, said
        assert container.run("sync", "--quiet") == (0, "")
    assert written(container.image.root) == before
    others = {path.name for path in container.data.iterdir()} - {"trackersync.yaml"}
    assert "trackersync.db" in others
    assert all(name.startswith("trackersync.db") for name in others)


def test_a_store_in_a_folder_that_cannot_be_written_is_a_sentence(container: Container) -> None:
    with read_only(container.data):
        code, said = container.run("sync", "--yes")
    assert code == 2
    assert "trackersync.db" in said
    assert "Traceback" not in said


def test_sigterm_ends_a_run_in_order(container: Container, shop: Shop) -> None:
    shop.sandbox.github.latency = 300
    shop.clear()
    child = container.begin("sync", "--yes")
    end = time.monotonic() + 20
    while not shop.sandbox.github.requests:
        assert child.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert "Traceback" not in out + err
    assert time.monotonic() - began < 10


def test_the_service_is_well_until_sigterm_ends_it(container: Container) -> None:
    child = container.begin("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104  # as the image does
    try:
        assert child.stdout is not None
        found = re.search(r":(\d+)$", child.stdout.readline().strip())
        assert found is not None
        port = int(found[1])
        assert trouble(port) == ""
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=20)
        assert child.returncode == 0
        assert trouble(port) == f"nothing answers at port {port}: ConnectionRefusedError"
    finally:
        child.kill()
        child.wait(10)


# Whether it is well.


@pytest.mark.parametrize(
    ("words", "variables", "port"),
    [
        pytest.param("python /opt/trackersync/bin/trackersync serve --host 0.0.0.0", {}, 8484, id="serve"),
        pytest.param("python trackersync serve --port 9000", {}, 9000, id="a port"),
        pytest.param("python trackersync serve --port=9000", {}, 9000, id="a port with ="),
        pytest.param("trackersync serve", {"TRACKERSYNC_SERVICE__PORT": "9001"}, 9001, id="a variable"),
        pytest.param("trackersync serve --port 9000", {"TRACKERSYNC_SERVICE__PORT": "9001"}, 9000, id="both"),
        pytest.param("/sbin/docker-init -- trackersync serve", {}, 8484, id="docker run --init"),
        pytest.param(
            "trackersync worker", {"TRACKERSYNC_SERVICE__PORT": "9001"}, None, id="a worker that does not listen"
        ),
        pytest.param("trackersync worker --port 9100", {}, 9100, id="a worker that does"),
        pytest.param("python trackersync sync --quiet", {}, None, id="a run"),
        pytest.param("trackersync sync --only serve", {}, None, id="a run with the word in it"),
        pytest.param("sleep 60", {}, None, id="something else"),
    ],
)
def test_it_is_known_where_health_is_asked_for(words: str, variables: dict[str, str], port: int | None) -> None:
    assert port_of(words.split(), variables) == port


def test_an_answer_that_is_not_well_is_said() -> None:
    class Unwell(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Unwell)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        assert trouble(server.server_port) == "the service answers 503"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def test_the_check_is_begun_as_the_image_begins_it() -> None:
    (check,) = values(FINAL, "HEALTHCHECK")
    assert check.endswith('CMD ["python", "-m", "trackersync.cli.alive"]')
    # Here the first process is the machine's own, which is no service.
    done = subprocess.run([sys.executable, "-m", "trackersync.cli.alive"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
