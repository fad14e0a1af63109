"""The image as it can be had without a container: the Dockerfile read, its steps taken, what comes of them begun."""

from __future__ import annotations

import io
import os
import re
import shutil
import site
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from product import CHECKOUT, TOKENS

NOBODY = 10001
STEPS = DockerfileParser(fileobj=io.BytesIO((CHECKOUT / "Dockerfile").read_bytes())).structure
BEGINS = [place for place, step in enumerate(STEPS) if step["instruction"] == "FROM"]
BUILD, FINAL = STEPS[BEGINS[0] : BEGINS[1]], STEPS[BEGINS[1] :]


def values(steps: list[dict[str, str]], instruction: str) -> list[str]:
    return [step["value"] for step in steps if step["instruction"] == instruction]


# Its steps, taken.


@dataclass
class Image:
    """What the image holds, in a folder of this machine.

    Attributes:
        root: in the place of ``/``.
        program: what it begins with.
    """

    root: Path
    program: Path


def sent() -> list[Path]:
    """What `.dockerignore` lets through: all is left out, but for what is named again."""
    lines = [line for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    return [CHECKOUT / line[1:] for line in lines if line.startswith("!")]


def ignored(_folder: str, names: list[str]) -> set[str]:
    patterns = [line[3:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("**/")]
    return {name for name in names if any(fnmatch(name, pattern) for pattern in patterns)}


def taken(step: str, root: Path, context: Path) -> None:
    """Take a step of the build, with what is here in the place of what a registry would send."""
    bin_ = root / "bin"
    if not bin_.exists():
        bin_.mkdir()
        (bin_ / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (bin_ / "python").chmod(0o755)
    here = {
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    done = subprocess.run(  # noqa: S603  # a step of our own file
        ["/bin/sh", "-ec", re.sub(r"(?<![\w.])/(dist|opt)/", rf"{root}/\1/", step.replace("/dist ", f"{root}/dist/ "))],
        cwd=context, env={**os.environ, **here, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# The program that comes of them.


@dataclass
class Container:
    """The image begun: a user without rights, and one folder to write to.

    Attributes:
        prefix: what takes the rights away, where it is not another user who has none.
        somebody: the user, where we may choose.
    """

    image: Image
    data: Path
    prefix: tuple[str, ...] = ()
    somebody: dict[str, object] = field(default_factory=dict)

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        variables = {
            **TOKENS,
            "HOME": str(self.data),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            # What a registry would have sent.
            "PYTHONPATH": os.pathsep.join([*site.getsitepackages(), *extra()]),
            **more,
        }
        return subprocess.Popen(  # noqa: S603  # what the steps above built
            [*self.prefix, str(self.image.program), *words], cwd=self.data, env=variables, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **self.somebody,
        )  # type: ignore[call-overload]  # fmt: skip

    def run(self, *words: str, **more: str) -> tuple[int, str]:
        child = self.begin(*words, **more)
        out, err = child.communicate(timeout=60)
        return child.returncode, out + err


def extra() -> list[str]:
    """Folders of packages that the interpreter was told of."""
    return [path for path in sys.path if path and not path.startswith(str(CHECKOUT))]


def powerless() -> tuple[tuple[str, ...], dict[str, object]]:
    """How somebody without rights is had: as we are; as the image's user; or where that one may not read this Python,
    as root without a capability, for whom a folder that is not to be written cannot be written either.
    """
    if os.geteuid() != 0:
        return (), {}
    programs = Path(sys.executable), Path(sys.executable).resolve(), Path(os.__file__), Path(pytest.__file__)
    if all(path.stat().st_mode & stat.S_IXOTH for program in programs for path in program.parents):
        return (), {"user": NOBODY, "group": NOBODY, "extra_groups": ()}
    found = shutil.which("setpriv")
    if not found:
        pytest.skip("nobody but root may read this Python, and root's rights cannot be taken without setpriv")
    return (found, "--bounding-set=-all", "--inh-caps=-all"), {}


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write below a folder; who is root is no measure of that, and runs nothing here."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o555)
    try:
        yield
    finally:
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
