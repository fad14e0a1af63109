"""The places a stage can live in a Jira issue, and what can be written there.

The status and the resolution are every team's. Labels, components and a custom field with one choice (``field``) count
only where a stage is mapped to them; whether a fix version is released is only read. (Releasing a version changes none
of its issues, so the next edit of the issue shows it, or the next whole read.) A rule may speak of some projects and
some issue types alone: ``build: {statuses: [In Progress], projects: [SHOP], types: [Bug]}``.

An issue has a status whatever its labels say. So a rule that names both is surer than one that names the status alone;
and of a status and a label that name different stages by rules of their own none is believed, unless ``precedence``
says which.
"""

from __future__ import annotations

from collections.abc import Mapping

from trackersync.connector import Capacity, Matcher, UrlForm, Vocabulary

_MANY = Capacity(1_000)
"""More than anybody gives an issue; Jira documents no limit."""

WRITES: Mapping[str, Capacity] = {
    "status": Capacity(1),
    "resolution": Capacity(1),
    "labels": _MANY,
    "components": _MANY,
    "field": Capacity(1),
    "owners": Capacity(1),
    # As many as Cloud lets an issue have (Atlassian, "Work item limits").
    "links": Capacity(2_000),
}

PLACES = {"field": "field"}
"""Facts that an issue shows only where the configuration says where to look, and the key that says so."""

EVIDENCE = {"blocked": "relations", "checklist": "checklist"}
"""Facts that are only read where the configuration asks, and the kind of `evidence` that shows each; see the modules
``relations`` and ``checklist``."""

VOCABULARY = Vocabulary(
    matchers=(
        Matcher("statuses", "status"),
        Matcher("resolutions", "resolution"),
        Matcher("labels", "labels", shared=True, optional=True),
        Matcher("components", "components", shared=True, optional=True),
        Matcher("field", "field", optional=True),
        Matcher("released", "released", values=("released", "unreleased"), optional=True, evidence=True),
        Matcher("blocked", "blocked", values=("open", "cleared"), optional=True, evidence=True),
        Matcher("checklist", "checklist", values=("ticked", "unticked"), optional=True, evidence=True),
        Matcher("projects", "project", condition=True),
        Matcher("types", "type", condition=True),
    ),
    follows={"resolution": "status"},
    ended={"category": ("done",)},
    routed="status",
    workflows=("project", "type"),
    url_forms=(
        UrlForm(r"/(?:browse|issues)/([A-Za-z][A-Za-z0-9_]*-\d+)(?![\w-])", r"\1"),
        UrlForm(r"[?&]selectedIssue=([A-Za-z][A-Za-z0-9_]*-\d+)(?![\w-])", r"\1"),
    ),
    blank="no status",
)
"""A resolution is set by a transition only."""
