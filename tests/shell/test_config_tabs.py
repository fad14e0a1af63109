"""A tab where YAML takes none is called a tab, wherever it stands and whichever of PyYAML's parsers reads."""

from __future__ import annotations

import pytest
import yaml

from trackersync.config.syntax import told

BEFORE = "a tab stands in the indentation"
INSIDE = "a tab stands where only spaces may"
TABS = {
    "after a word": ("delivery: kanban\n\tfoo: 1\n", BEFORE),
    "after a share": ("limits:\n  share: 20%\n\tchanges: 5\n", BEFORE),
    "after a key": ("a:\n\tb: 1\n", BEFORE),
    "after spaces": ("a:\n  b: {}\n  \tc: 1\n", BEFORE),
    "after a quoted text": ('a: "x"\n\tb: 1\n', BEFORE),
    "after a bracket": ("a: [x]\n\tb: 1\n", BEFORE),
    "after a comment": ("a: x # c\n\tb: 1\n", BEFORE),
    "before a comment": ("a: 1\n\t# c\nb: 2\n", BEFORE),
    "alone on its line": ("a:\n  b: 1\n\t\n  c: 2\n", BEFORE),
    "before a list": ("a:\n\t- x\n", BEFORE),
    "in a list": ("a:\n  - x\n\t- y\n", BEFORE),
    "in a block of text": ("a: |\n  x\n\ty\n", BEFORE),
    "at once in a block of text": ("a: |\n\tx\n", BEFORE),
    "below a word alone": ("a\n\tb: 1\n", BEFORE),
    "on the first line": ("\ta: 1\n", BEFORE),
    "behind a dash": ("a:\n  -\tx: 1\n", INSIDE),
    "behind a value": ("a: 20%\t\n", INSIDE),
    "behind a colon": ("a:\tx\n", INSIDE),
    "behind a bar": ("a: |\t\n  x\n", INSIDE),
    "in brackets": ("a: [x,\ty]\n", INSIDE),
}
LOADERS = {name: getattr(yaml, name) for name in ("CSafeLoader", "SafeLoader") if hasattr(yaml, name)}


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize(("text", "message"), TABS.values(), ids=TABS)
def test_a_tab(text: str, message: str, loader: type[yaml.SafeLoader]) -> None:
    found: yaml.MarkedYAMLError | None = None
    try:
        yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        found = error
    # libyaml takes some tabs between two words of a line.
    taken = found is None and message == INSIDE and loader is not yaml.SafeLoader
    assert taken or (found is not None and told(found, text)[0] == message)


@pytest.mark.parametrize("loader", LOADERS.values(), ids=LOADERS)
def test_another_mistake_beside_a_harmless_tab(loader: type[yaml.SafeLoader]) -> None:
    text = "a: 'x\n\ty'\nb: @c\n"
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        yaml.compose(text, Loader=loader)
    assert told(caught.value, text)[0] == "a value cannot begin with @"
