"""What a project is divided into: components, and versions that are released one day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from trackersync.sandbox.jira.render import Renderer

JsonObject = dict[str, Any]
NAMES = {"components": "Component", "fixVersions": "Version"}
"""The fields of an issue that hold parts of its project, and what Jira calls one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A component or a version; ``released`` only means something of a version."""

    name: str
    released: bool = False
    archived: bool = False

    @property
    def id(self) -> str:
        """Its id, which follows from its name: none is renamed here."""
        return str(10_000 + crc32(self.name.encode()) % 90_000)


@dataclass(slots=True)
class Parts:
    """The parts of all projects: by project and field of the issue, by name."""

    known: dict[tuple[str, str], dict[str, Part]] = field(default_factory=dict)

    def of(self, project: str, name: str) -> dict[str, Part]:
        """The parts that one field of a project's issues may hold."""
        return self.known.setdefault((project, name), {})

    def add(self, project: str, name: str, *parts: str, released: bool = False) -> None:
        """Add components (``components``) or versions (``fixVersions``) to a project."""
        self.of(project, name).update((part, Part(part, released)) for part in parts)

    def release(self, project: str, version: str) -> None:
        """Release a version; no issue of it changes thereby."""
        versions = self.of(project, "fixVersions")
        versions[version] = replace(versions[version], released=True)


def shown(render: Renderer, project: str, name: str, part: str) -> JsonObject:
    """Render a part as issues carry it."""
    found = render.model.parts.of(project, name).get(part) or Part(part)
    kind = "component" if name == "components" else "version"
    rendered = {"self": f"{render.api}/{kind}/{found.id}", "id": found.id, "name": found.name, "description": ""}
    return rendered if kind == "component" else rendered | {"archived": found.archived, "released": found.released}


def schema(name: str) -> JsonObject:
    """What screens and ``GET /field`` tell of the type of such a field."""
    return {"type": "array", "items": NAMES[name].casefold(), "system": name}


def offered(render: Renderer, project: str, name: str) -> list[JsonObject]:
    """Render all that a field may hold."""
    return [shown(render, project, name, part) for part in render.model.parts.of(project, name)]
