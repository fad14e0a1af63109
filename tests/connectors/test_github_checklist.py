"""Check boxes in the text of GitHub's issues: which there are, and whether all are ticked."""

from __future__ import annotations

import pytest
from github_doubles import opened, served, shop

from trackersync_github import GithubSettings
from trackersync_github.checklist import checklist
from trackersync_github.evidence import environments


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("", None, id="no text"),
        pytest.param("See [the plan](x) and [ ] alone", None, id="brackets in a sentence"),
        pytest.param("- [x] test\n- [X] document", "ticked", id="all ticked"),
        pytest.param("- [x] test\n- [ ] document", "unticked", id="one is open"),
        pytest.param("Done when:\r\n\r\n* [ ] test\r\n", "unticked", id="an asterisk, and lines as Windows has them"),
        pytest.param("+ [x] test", "ticked", id="a plus sign"),
        pytest.param("1. [x] test\n2) [x] document", "ticked", id="numbers"),
        pytest.param("- [x] test\n    - [ ] on Windows", "unticked", id="a list in a list"),
        pytest.param("- tests\n\n  - [ ] on Windows", "unticked", id="a list in a list, after an empty line"),
        pytest.param("- - [ ] twice", "unticked", id="a list begun in an item"),
        pytest.param("> - [ ] quoted", "unticked", id="quoted"),
        pytest.param("- [x]", None, id="nothing behind the box"),
        pytest.param("- [x]test", None, id="no space behind the box"),
        pytest.param("- [] test", None, id="no space within the box"),
        pytest.param("- [y] test", None, id="another letter"),
        pytest.param("-[ ] test", None, id="no space before the box"),
        pytest.param("- see [ ] there", None, id="not at the beginning of the item"),
        pytest.param("[ ] test", None, id="no item"),
        pytest.param("- [x](https://acme.example) is a link", None, id="a link"),
        pytest.param("```\n- [ ] test\n```", None, id="code"),
        pytest.param("```md\n- [ ] test\n```\n- [x] real", "ticked", id="code, and a box after it"),
        pytest.param("~~~\n- [ ] test\n```\n- [ ] test\n~~~\n- [x] real", "ticked", id="one fence in another"),
        pytest.param("````\n```\n- [ ] test\n```\n````\n- [x] real", "ticked", id="a longer fence"),
        pytest.param("```\n- [ ] test", None, id="code that never ends"),
        pytest.param("``` not `code`\n- [ ] test", "unticked", id="no fence: text with backticks"),
        pytest.param("- how:\n  ```\n  - [ ] test\n  ```\n- [x] real", "ticked", id="code in a list"),
        pytest.param("> ```\n> - [ ] test\n\n- [x] real", "ticked", id="code in a quotation ends with it"),
        pytest.param("```\n> ```\n- [ ] test\n```\n- [x] real", "ticked", id="a quotation in code"),
        pytest.param("- how:\n  ```\n  x\n- [ ] test", "unticked", id="code in a list ends with it"),
        pytest.param("* * *\n    - [ ] test", None, id="code below a line across"),
        pytest.param("Run\n\n    - [ ] test\n", None, id="code by its indentation"),
        pytest.param("<!-- choose:\n- [ ] bug\n- [ ] wish -->\n- [x] real", "ticked", id="a comment of a template"),
        pytest.param("<!-- - [ ] bug -->\n- [x] real", "ticked", id="a comment in one line"),
    ],
)
def test_the_boxes_of_a_text(body: str, said: str | None) -> None:
    assert checklist(body) == (() if said is None else (said,))


async def test_boxes_show_where_they_are_wanted_and_cost_nothing() -> None:
    model = shop()
    ticked = model.create("Ticked", "- [x] test").number
    bare = model.create("Bare", "- test").number
    async with opened(served(model)) as it:
        assert not any("checklist" in item.facts for item in await it.items())
    before = len(model.requests)
    async with opened(served(model), evidence=["checklist"]) as it:
        items = {int(item.key.rpartition("#")[2]): item for item in await it.items()}
        assert len(model.requests) - before == before
        assert [items[number].facts["checklist"] for number in (ticked, bare)] == [("ticked",), ()]
        assert not {"pulls", "authors", "parent"} & items[ticked].facts.keys()
        assert await it.item(items[ticked].ref) == items[ticked]
        model.edit(ticked, body="- [x] test\n- [ ] document")
        assert (await it.item(items[ticked].ref)).facts["checklist"] == ("unticked",)


@pytest.mark.parametrize("where", ["stages", "outcomes"])
@pytest.mark.parametrize(
    ("entry", "said", "more"),
    [
        ({"checklist": "ticked"}, r"add evidence: \[checklist\]", {"evidence": ["checklist"]}),
        ([{"labels": "x"}, {"pulls": "merged"}], r"add evidence: \[pulls\]", {"evidence": ["pulls"]}),
        ({"board": "Done"}, "add project:", {"project": {"owner": "acme", "number": 7}}),
    ],
)
def test_what_an_entry_names_must_be_read(where: str, entry: object, said: str, more: dict[str, object]) -> None:
    words = {"connector": "github", "repositories": ["acme/shop"], where: {"verify": entry}}
    with pytest.raises(ValueError, match=rf"`{where}` names `\w+`.*{said}"):
        GithubSettings.model_validate(words)
    assert GithubSettings.model_validate(words | more)


def test_the_environments_of_outcomes_are_looked_at() -> None:
    words = {"connector": "github", "repositories": ["acme/shop"], "evidence": ["deployments"]}
    settings = GithubSettings.model_validate(words | {"outcomes": {"launch": {"deployed": ["Live", "live"]}}})
    assert set(environments(settings)) == {"live", "production"}
