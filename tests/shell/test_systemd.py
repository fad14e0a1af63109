"""The unit files of ``config/systemd/``: sound for systemd, hardened alike, and what they start does what they say.

Where systemd's tool is not installed its tests are skipped, unless ``TRACKERSYNC_SYSTEMD`` names it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from healthchecked import listening

from product import CHECKOUT, MAIN, TOKENS, Shop, environment
from trackersync.cli.exits import Exit
from trackersync.cli.healthcheck import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

UNITS = CHECKOUT / "config" / "systemd"
SYNC, SERVE = "trackersync-sync.service", "trackersync-serve.service"
PROGRAM = "/opt/trackersync/bin/trackersync"
TOOL = "TRACKERSYNC_SYSTEMD"
MOST = 15
"""The exposure that is allowed, in tenths: systemd calls up to 2 hardly any."""


def settings(unit: str, section: str = "Service") -> list[tuple[str, str]]:
    """A section's settings in their order; a name may stand several times."""
    lines = (UNITS / unit).read_text(encoding="utf-8").split(f"[{section}]\n")[1].split("\n[")[0].splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return [(name, text) for name, _, text in pairs]


def tool() -> str:
    """systemd's own program, by the name the environment gives it or on the path."""
    named = os.environ.get(TOOL)
    assert not named or Path(named).is_file(), f"{TOOL} is set, but there is no {named}"
    found = named or shutil.which("systemd-analyze")
    if not found:
        pytest.skip("systemd-analyze is not on this machine; .ci/run installs it")
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units in a folder, with a program that is there."""
    for file in UNITS.iterdir():
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace(PROGRAM, sys.executable), encoding="utf-8")
    return tmp_path


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # a program of this machine and our own files
        [tool(), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_finds_nothing_wrong_with_them(installed: Path) -> None:
    done = analyzed("verify", "--man=no", *map(str, sorted(installed.glob("trackersync-*"))))
    assert (done.returncode, [line for line in done.stderr.splitlines() if "trackersync" in line]) == (0, [])


def test_a_misspelt_setting_is_found(installed: Path) -> None:
    """So that the test above is known to look."""
    file = installed / SYNC
    file.write_text(file.read_text().replace("ProtectSystem", "ProtectsSystem"))
    assert "ProtectsSystem" in analyzed("verify", "--man=no", str(file)).stderr


@pytest.mark.parametrize("unit", [SYNC, SERVE])
def test_systemd_finds_them_hardly_exposed(installed: Path, unit: str) -> None:
    done = analyzed("security", "--offline=true", f"--threshold={MOST}", str(installed / unit))
    assert done.returncode == 0, done.stdout[-200:]


def hardening(unit: str) -> Iterable[tuple[str, str]]:
    found = settings(unit)
    return found[found.index(("DynamicUser", "yes")) :]


def test_both_are_hardened_alike_and_share_user_and_state() -> None:
    assert list(hardening(SYNC)) == list(hardening(SERVE))
    assert {("User", "trackersync"), ("StateDirectory", "trackersync")} <= set(hardening(SYNC))


def test_what_a_job_may_end_with_is_known_to_systemd() -> None:
    """By the name of EX_TEMPFAIL in sysexits.h; what is held for a person stays a failure."""
    assert Exit.BUSY == os.EX_TEMPFAIL
    assert dict(settings(SYNC))["SuccessExitStatus"] == f"TEMPFAIL {Exit.INTERRUPTED:d}"


def started(unit: str, shop: Shop) -> tuple[list[str], dict[str, str]]:
    """The command of a unit and its variables, with this shop in the place of the machine's folders."""
    found = dict(settings(unit))
    words = shlex.split(found["ExecStart"])
    assert words[0] == PROGRAM
    name, _, text = found["Environment"].partition("=")
    state = shop.folder / "state" / found["StateDirectory"]
    state.mkdir(parents=True, exist_ok=True)
    command = [word.replace("/etc/trackersync", str(shop.folder)) for word in words[1:]]
    return command, {name: text.replace("%S", str(shop.folder / "state"))}


def test_the_job_keeps_its_store_in_its_state_and_says_nothing_where_nothing_happened(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, variables = started(SYNC, shop)
    shop.settings["limits"]["share"] = "100%"
    shop.configure()
    with listening() as healthcheck:
        for name, text in {**variables, VARIABLE: healthcheck.url}.items():
            monkeypatch.setenv(name, text)
        held, first, then = shop.run(*command), shop.run(*command, "--yes"), shop.run(*command)
    assert [held.code, first.code, then.code] == [3, 0, 0]
    assert (then.out, then.err) == ("", "")
    assert healthcheck.heard == ["/start", "/3", "/start", "", "/start", ""]
    assert (shop.folder / "state" / "trackersync" / "trackersync.db").is_file()
    assert not (shop.folder / "trackersync.db").exists()


def test_the_service_reloads_and_stops_as_its_unit_says(shop: Shop) -> None:
    found = dict(settings(SERVE))
    assert found["ExecReload"] == "/bin/kill -HUP $MAINPID"
    command, variables = started(SERVE, shop)
    log = shop.folder / "log"
    with log.open("w") as errors:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", MAIN, *command, "--port", "0"],
            cwd=shop.folder, env=environment(**TOKENS, **variables),
            stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            while not child.stdout.readline().startswith("store"):
                assert child.poll() is None, log.read_text()
            subprocess.run(["/bin/kill", "-HUP", str(child.pid)], check=True)  # noqa: S603  # a child of ours
            child.terminate()
            assert child.wait(float(found["TimeoutStopSec"].removesuffix("s"))) == 0
        finally:
            child.kill()
            child.wait(10)
            assert child.stdout is not None
            child.stdout.close()
