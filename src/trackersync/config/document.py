"""YAML read with the place of every key and value, ``${VAR}`` expanded in scalars, all troubles kept.

PyYAML composes the node tree; values are built here because its constructor forgets where they stood, silently lets
the second of two equal keys win, and turns unquoted dates into dates. Text, whole and decimal numbers, true/false and
null are read as YAML 1.1 does (https://yaml.org/spec/1.1/); everything else is text or a fault. Anchors, aliases and
merge keys (https://yaml.org/type/merge.html) work; a merged value's place is where it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from pydantic import SecretStr

from trackersync.config.faults import TOP, Fault, Path, Place, secret_path
from trackersync.config.syntax import told

_TAG = "tag:yaml.org,2002:"
_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# libyaml reads ten times as fast; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECRETS = frozenset({"token", "private_key", "webhook_secrets"})
"""Keys whose values, or whose lists of values, no error may quote."""
DEEPEST = 100
"""Deeper nesting is no configuration."""
MOST_VALUES = 100_000
"""More values than this are aliases multiplying, not a configuration."""


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as values, and where they stand.

    Attributes:
        file: its name as people should see it.
        value: plain values; every credential wrapped as a ``SecretStr``; None for an empty or unreadable file.
        values: path to the place of the value.
        keys: path to the place of its key; for a list item, of the item.
        written: path to a scalar as it stands in the file, before expansion.
        expanded: what the environment gave: never to be shown.
        faults: what is wrong with the text itself.
    """

    file: str
    value: object
    values: Mapping[Path, Place]
    keys: Mapping[Path, Place]
    written: Mapping[Path, str]
    expanded: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()

    def place(self, path: Path, at: str = "value") -> Place:
        """Where a value or its key stands; for one that is missing, the nearest mapping that should hold it."""
        if at == "value" and path in self.values:
            return self.values[path]
        while path:
            if path in self.keys:
                return self.keys[path]
            path = path[:-1]
        return TOP


def read(text: str, file: str, environ: Mapping[str, str] | None = None) -> Document:
    """Read YAML.

    Args:
        text: the file's text.
        file: its name as people should see it.
        environ: what ``${VAR}`` is expanded from; None leaves such texts alone.

    Returns:
        The document, with every fault collected; its ``value`` is None where the text is no YAML at all.
    """
    try:
        root = compose(text)
    except yaml.MarkedYAMLError as error:
        return _broken(file, *_syntax(error, text))
    except yaml.reader.ReaderError as error:
        before = text[: text.find(chr(error.character))]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return _broken(file, place, "a character that YAML does not allow", f"remove U+{error.character:04X}")
    reader = _Reader(environ)
    value = reader.value(root, ()) if root is not None else None
    return Document(
        file, value, reader.values, reader.keys, reader.written, frozenset(reader.expanded), tuple(reader.faults)
    )


def compose(text: str) -> yaml.Node | None:
    """The text's node tree, or None for a text without any.

    Raises:
        yaml.YAMLError: it is no YAML, or nested so deeply that building the tree would exhaust the stack (which takes
            the interpreter down where libyaml does it).
    """
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            # libyaml's marks are of another class than the error wants.
            at = event.start_mark
            mark = None if at is None else yaml.Mark("", at.index, at.line, at.column, None, 0)
            raise yaml.MarkedYAMLError(problem="this is nested too deeply to read", problem_mark=mark)
    root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return root


def _broken(file: str, place: Place, message: str, hint: str) -> Document:
    return Document(file, None, {}, {}, {}, faults=(Fault((), message, hint, place=place),))


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str, str]:
    """The place and the sentence of a YAML error."""
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark is not None else TOP
    message, hint = told(error, text)
    return place, f"this is not YAML: {message}", hint


class _Reader:
    """Builds values from nodes and notes, on the way, where everything stood."""

    def __init__(self, environ: Mapping[str, str] | None) -> None:
        self.environ = environ
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.written: dict[Path, str] = {}
        self.expanded: set[str] = set()
        self.faults: list[Fault] = []
        self._open: set[int] = set()
        self._seen = 0

    def value(self, node: yaml.Node, path: Path) -> object:
        """The value of a node; a node that cannot be read leaves a fault and is None."""
        self.values.setdefault(path, self._place(node, path))
        self._seen += 1
        if self._seen > MOST_VALUES or id(node) in self._open:
            if self._seen <= MOST_VALUES + 1:
                self.faults.append(Fault(path, "an alias that contains itself, or aliases that multiply without end"))
            return None
        self._open.add(id(node))
        try:
            return self._read(node, path)
        finally:
            self._open.discard(id(node))

    def _read(self, node: yaml.Node, path: Path) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        return None  # YAML has no fourth kind of node

    def _item(self, node: yaml.Node, path: Path) -> object:
        self.keys[path] = _span(node)
        return self.value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        result: dict[str, object] = {}
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                continue
            key = self._key(key_node, path)
            if key in result:
                first = self.keys[(*path, key)].line
                hint = f"keep one; the first is on line {first}"
                self.faults.append(Fault((*path, key), f'"{key}" stands here twice', hint, "key", _span(key_node)))
                continue
            self.keys[(*path, key)] = _span(key_node)
            result[key] = self.value(value_node, (*path, key))
        for source in merged:
            for key, value in self._merged(source, path, frozenset(result)).items():
                result.setdefault(key, value)
        return result

    def _merged(self, node: yaml.Node, path: Path, kept: frozenset[str]) -> dict[str, object]:
        """What a merge key brings in: the keys that the mapping does not have itself."""
        if not isinstance(node, yaml.MappingNode) or id(node) in self._open:
            self.faults.append(
                Fault(path, "`<<` merges another mapping", "write <<: *NAME, with &NAME before that mapping")
            )
            return {}
        own = [pair for pair in node.value if not (isinstance(pair[0], yaml.ScalarNode) and pair[0].value in kept)]
        self._open.add(id(node))
        try:
            return self._mapping(yaml.MappingNode(node.tag, own), path)
        finally:
            self._open.discard(id(node))

    def _key(self, node: yaml.Node, path: Path) -> str:
        key = str(node.value) if isinstance(node, yaml.ScalarNode) else "?"
        if node.tag != f"{_TAG}str" or not key.strip():
            self.keys[(*path, key)] = _span(node)
            self.faults.append(Fault((*path, key), f'the key "{key}" is not text', f'write "{key}": …', "key"))
        return key

    def _place(self, node: yaml.Node, path: Path) -> Place:
        """Where a value stands; a block that begins on the next line, or nothing at all, stands where its key does."""
        empty = node.start_mark.index == node.end_mark.index
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        return self.keys.get(path, _span(node)) if empty or block else _span(node)

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        text = str(node.value)
        self.written[path] = text
        if node.tag in _PLAIN:
            try:
                return _PLAIN[node.tag](node)
            except ValueError:  # digits beyond what Python converts: text, then, and its check says what is needed
                return text
        if node.tag not in {f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}value"}:
            self.faults.append(
                Fault(path, "a tag that a configuration has no use for", "remove the !tag, or quote what begins with !")
            )
        if self.environ is not None:
            text = self._expand(text, path, self.environ)
        return SecretStr(text) if not _SECRETS.isdisjoint(path) else text

    def _expand(self, text: str, path: Path, environ: Mapping[str, str]) -> str:
        """Put the environment's values for ``${VAR}``; ``$${`` stands for a literal ``${``."""

        def put(match: re.Match[str]) -> str:
            name = match[1]
            if name is None:
                return "${"
            if not _NAME.fullmatch(name):
                self.faults.append(
                    Fault(path, "`${…}` needs a variable's name", "write ${NAME}, or $${ for a plain ${")
                )
            elif not environ.get(name):
                state = "not set" if name not in environ else "set but empty"
                self.faults.append(Fault(path, f"environment variable {name} is {state}", f"export {name}=…"))
            else:
                self.expanded.add(environ[name])
                return environ[name]
            return match[0]

        return _VARIABLE.sub(put, text)


_CONSTRUCT = yaml.constructor.SafeConstructor()
_PLAIN = {
    f"{_TAG}int": _CONSTRUCT.construct_yaml_int,
    f"{_TAG}float": _CONSTRUCT.construct_yaml_float,
    f"{_TAG}bool": _CONSTRUCT.construct_yaml_bool,
    f"{_TAG}null": _CONSTRUCT.construct_yaml_null,
}


def _span(node: yaml.Node) -> Place:
    start, end = node.start_mark, node.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Place(start.line + 1, start.column + 1, max(width, 1))


def shown(document: Document, path: Path) -> str:
    """A scalar as it may be quoted in a message: as written, never as expanded, never a credential."""
    written = document.written.get(path, "…")
    return written if not secret_path(path) or _VARIABLE.fullmatch(written) else "•••"
