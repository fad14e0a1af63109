"""Credentials that stand in the configuration's files as they are, where whoever reads the file can take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from trackersync.config.document import Document
from trackersync.config.faults import Path, dotted
from trackersync.config.load import Configuration
from trackersync.core.masking import passwords

_STORE = ("store",)


def plain_secrets(configuration: Configuration) -> tuple[tuple[str, str], ...]:
    """By dotted key, the file and line in which a credential stands as plain text.

    One that comes from a variable, of the environment or in ``${…}``, is where it belongs, and so is one in a file of
    its own. The password of a store's address counts too.
    """
    document = configuration.origin.document
    found = dict(_secrets(document, document.value, ()))
    if plain := [one for one in passwords(document.written.get(_STORE, "")) if "${" not in one]:
        found[_STORE] = plain[0]
    return tuple(
        (dotted(path), _spot(document, path))
        for path, written in found.items()
        if "${" not in written and configuration.origin.overriding(path) is None
    )


def _secrets(document: Document, value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """The credentials of a document that are not empty, by path, as they stand in the file."""
    if isinstance(value, SecretStr):
        written = document.written.get(path, "")
        if written:
            yield path, written
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secrets(document, inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _secrets(document, inner, (*path, place))


def _spot(document: Document, path: Path) -> str:
    place = document.place(path)
    return f"{place.file or document.file}:{place.line}"
