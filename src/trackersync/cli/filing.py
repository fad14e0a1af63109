"""The files that `init` writes: whether there is room for them, and how one is put in its place whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from os.path import realpath
from pathlib import Path
from shutil import copymode
from tempfile import TemporaryFile

from trackersync.cli.asking import Asker
from trackersync.errors import ConfigError

_SQLITE = "sqlite:///"


def room(files: Mapping[str, Path], store: str, *, force: bool, asker: Asker | None) -> None:
    """Whether files may be written; asked, or refused, before anything is read.

    Args:
        files: by the option that names it, each file.
        store: the store's URL.
        force: write over what is there.
        asker: whoever can be asked about a file that is there.

    Raises:
        ConfigError: a file cannot be written, is there already, or is meant for two things.
        KeyboardInterrupt: a file that is there shall stay.
    """
    meant = {_real(path): "the store" for path in (_file_of(store),) if path is not None}
    for option, file in files.items():
        other = f"name another by {option} FILE"
        if _real(file) in meant:
            raise ConfigError(f"{option}: {file} is {meant[_real(file)]} already", next_step=other)
        meant[_real(file)] = f"the file of {option}"
        try:
            _writable(file, other)
        except OSError as error:
            raise ConfigError(f"{file} cannot be written: {error.strerror}", next_step=other) from error
    for option, file in files.items():
        if not file.exists() or force:
            continue
        if asker is None:
            raise ConfigError(
                f"{file} is there already; nothing was written",
                next_step=f"write it anew with --force, or name another by {option} FILE",
            )
        if not asker.yes(f"{file} is there already. Write it anew?", default=False):
            raise KeyboardInterrupt


def _writable(file: Path, other: str) -> None:
    """Whether a file can be put there. Raises ``ConfigError``, or ``OSError`` where the system refuses."""
    if file.exists() and not file.is_file():
        raise ConfigError(f"{file} is {'a folder' if file.is_dir() else 'no file'}", next_step=other)
    # Of a link the file that it names is written, and its folder has to be there too.
    for folder in dict.fromkeys((file.parent, _real(file).parent)):
        if not folder.is_dir():
            raise ConfigError(f"there is no folder {folder}", next_step=f"mkdir {folder}")
        with TemporaryFile(dir=folder):
            pass


def put(file: Path, text: str, check: Callable[[Path], object]) -> None:
    """Write a file, once it is known to be sound: beside its place first, then in it.

    A link stays a link, and a file that was there keeps its mode.

    Args:
        file: its place.
        text: what it shall hold.
        check: raises where the text in this file, which lies in the same folder, is not sound.

    Raises:
        ConfigError: it cannot be written, or is not sound; what was there is there still.
    """
    target = _real(file)
    trial, new = _beside(file), _beside(target)
    try:
        trial.write_text(text, encoding="utf-8", newline="\n")
        check(trial)
        with new.open("w", encoding="utf-8", newline="\n") as out:
            if target.exists():
                copymode(target, new)
            out.write(text)
        new.replace(target)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}", next_step="name another by --config FILE"
        ) from error
    finally:
        _gone(trial, new)


@contextmanager
def left_as_it_was(store: str) -> Iterator[None]:
    """A store that was not there before is gone again where the way is not walked to its end."""
    path = _file_of(store)
    fresh = path is not None and not path.exists()
    try:
        yield
    except BaseException:
        if path is not None and fresh:
            _gone(path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
        raise


def same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same place."""
    return _real(one) == _real(other)


def _gone(*files: Path) -> None:
    """Take files away; what cannot be taken away must not hide why."""
    for file in files:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _real(file: Path) -> Path:
    return Path(realpath(file))


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.new")


def _file_of(store: str) -> Path | None:
    """Where a store of SQLite lies."""
    name = store.removeprefix(_SQLITE).partition("?")[0]
    return Path(name) if store.startswith(_SQLITE) and name not in {"", ":memory:"} else None
