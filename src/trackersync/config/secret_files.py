"""Secrets that a connector's settings take from a file: of a pair ``X`` and ``X_file``, the file's text becomes ``X``.

`token_file` of the tracker itself is read in ``trackers``, where the token is. Here are the pairs of what is nested in
it: ``app: {private_key_file: …}``. A connector need not know what such a path is relative to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from pydantic import BaseModel, SecretStr

from trackersync.config.faults import Fault, Path
from trackersync.config.origin import Beside, text_of
from trackersync.config.wording import Shown
from trackersync.errors import ConfigError

_FILE = "_file"


def read_in(
    part: Mapping[str, object], model: type[BaseModel], path: Path, beside: Beside, shown: Shown
) -> tuple[dict[str, object], list[Fault]]:
    """A tracker's part, with the files of nested secrets read.

    Args:
        part: what stands under the tracker's name.
        model: its connector's settings.
        path: where it stands.
        beside: from where a path is written to what it is relative to.
        shown: what may be quoted of a scalar.
    """
    filled, faults = dict(part), list[Fault]()
    for key, inner in part.items():
        field = model.model_fields.get(key)
        if not isinstance(inner, Mapping) or field is None:
            continue
        for name in {secret for one in _models(field.annotation) for secret in _pairs(one)}:
            file = inner.get(name + _FILE)
            # Of two, or of a path that is no text, the model itself says what is wrong.
            if not isinstance(file, str) or inner.get(name) is not None:
                continue
            spot: Path = (*path, key, name + _FILE)
            try:
                text = text_of(beside(spot) / file, shown(spot), f"the file of `{name}`")
            except ConfigError as error:
                faults.append(Fault(spot, str(error), error.next_step))
                continue
            rest = {one: value for one, value in inner.items() if one != name + _FILE}
            filled[key] = inner = {**rest, name: SecretStr(text)}  # noqa: PLW2901  # the next pair goes on from it
    return filled, faults


def _pairs(model: type[BaseModel]) -> Iterator[str]:
    """The secrets of a model that may also be given as a file."""
    for name, field in model.model_fields.items():
        if name + _FILE in model.model_fields and SecretStr in (field.annotation, *get_args(field.annotation)):
            yield name


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models of a field's type: ``AppSettings | None`` has one."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one
