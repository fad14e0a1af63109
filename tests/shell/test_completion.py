"""Shell completion: set up by the program itself, and asked by bash as a person's TAB asks it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from product import environment

if TYPE_CHECKING:
    from pathlib import Path

BASH = shutil.which("bash") or ""
PROGRAM = "import sys; from trackersync.cli import main; sys.argv[0] = 'trackersync'; main()"
HEAVY = ("httpx", "sqlalchemy", "github", "jira", "starlette", "alembic", "trackersync.pipeline", "trackersync.store")
pytestmark = pytest.mark.skipif(not BASH, reason="there is no bash")


class Shell:
    """A bash of a person with an empty home, who has the program on the path."""

    def __init__(self, home: Path) -> None:
        self.home = home
        program = home / "bin" / "trackersync"
        program.parent.mkdir()
        program.write_text(f'#!{BASH}\nexec {sys.executable} -c {shlex.quote(PROGRAM)} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        self.environ = environment(HOME=str(home), SHELL=BASH)
        self.environ["PATH"] = f"{program.parent}:{self.environ['PATH']}"

    def types(self, script: str) -> str:
        done = subprocess.run(  # noqa: S603  # a shell is what is tested
            [BASH, "--norc", "--noprofile", "-c", script],
            cwd=self.home, env=self.environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def tab(self, line: str) -> list[str]:
        """What bash offers after this line, in a shell that has read its start-up file."""
        words = line.split(" ")
        given = f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}"
        offered = self.types(
            f"source ~/.bashrc\n{given}\n"
            "called=$(complete -p trackersync | sed 's/.* -F \\([^ ]*\\) .*/\\1/')\n"
            '$called trackersync "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"\n'
            'for one in "${COMPREPLY[@]}"; do printf "%s\\n" "$one"; done'
        )
        return offered.splitlines()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    found = Shell(tmp_path_factory.mktemp("home"))
    # Not the last command: a shell would become what it runs, and could not be recognised.
    said = found.types("trackersync --install-completion; true")
    assert "bash completion installed" in said
    return found


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("trackersync che", ["check"]),
        ("trackersync re", ["resolve", "resume", "retry"]),
        ("trackersync check --format ", ["text", "json", "sarif", "markdown", "github"]),
        ("trackersync check --fail-on n", ["note", "never"]),
        ("trackersync check --offline --sel", ["--select"]),
        ("trackersync store ", ["backup", "check", "migrate", "move"]),
        ("trackersync sync --appr", ["--approve"]),
        ("trackersync nothing-like-it", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tab_offers_what_may_follow(shell: Shell, line: str, offered: list[str]) -> None:
    assert sorted(shell.tab(line)) == sorted(offered)


def test_where_the_program_offers_nothing_bash_offers_files(shell: Shell) -> None:
    assert shell.tab("trackersync check --config ") == []
    assert "-o default" in shell.types("source ~/.bashrc; complete -p trackersync")


def test_a_tab_loads_nothing_that_takes_long_and_leaves_nothing_behind(shell: Shell) -> None:
    before = set(shell.home.rglob("*"))
    telling = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); "
    loaded = shell.types(
        "COMP_WORDS='trackersync check --fo' COMP_CWORD=2 _TRACKERSYNC_COMPLETE=complete_bash "
        f"{sys.executable} -c {shlex.quote(telling + PROGRAM)}"
    )
    assert loaded.startswith("--format\n")
    assert set(loaded.split()) & set(HEAVY) == set()
    assert set(shell.home.rglob("*")) == before


def test_it_is_shown_for_those_who_set_it_up_themselves(shell: Shell) -> None:
    shown = shell.types("trackersync --show-completion; true")
    assert "complete -o default -F _trackersync_completion trackersync" in shown
    installed = (shell.home / ".bash_completions" / "trackersync.sh").read_text(encoding="utf-8")
    assert shown.strip() == installed.strip()
