"""The places a stage can live in a GitHub issue, and what can be written there.

Labels, the state and the reason it was closed for are every team's. A project's Status (``board``), an organisation's
issue field (``field``), the issue type and the milestone count only where a stage is mapped to them; the rest is
evidence: what pull requests, releases, deployments, blockers and check boxes show of an issue, and what no write of
ours brings about.
"""

from __future__ import annotations

from trackersync.connector import Capacity, Matcher, UrlForm, Vocabulary

MOST_ASSIGNEES = 10
"""GitHub, "Assigning issues and pull requests to other GitHub users": up to 10 people."""

MOST_LABELS = 100

WRITES = {
    "labels": Capacity(MOST_LABELS),
    "state": Capacity(1),
    "reason": Capacity(1),
    "owners": Capacity(MOST_ASSIGNEES),
    "board": Capacity(1),
    "field": Capacity(1),
    "type": Capacity(1),
    "milestone": Capacity(1),
}

PLACES = {"board": "project", "field": "field"}
"""Facts that an issue shows only where the configuration says where to look, and the key that says so."""

EVIDENCE = {
    "pulls": "pulls",
    "released": "releases",
    "deployed": "deployments",
    "blocked": "relations",
    "checklist": "checklist",
}
"""Facts that are only read and that rules may use, and the kind of `evidence` that shows each; see the modules
``evidence``, ``relations`` and ``checklist`` for their values."""

VOCABULARY = Vocabulary(
    matchers=(
        Matcher("labels", "labels", shared=True),
        Matcher("state", "state", values=("open", "closed")),
        Matcher("reason", "reason", values=("completed", "not_planned", "duplicate", "reopened")),
        Matcher("board", "board", optional=True),
        Matcher("field", "field", optional=True),
        Matcher("type", "type", optional=True),
        Matcher("milestone", "milestone", optional=True),
        Matcher(
            "pulls",
            "pulls",
            shared=True,
            values=("draft", "open", "merged", "closed"),
            optional=True,
            evidence=True,
        ),
        Matcher("released", "released", values=("draft", "prerelease", "published"), optional=True, evidence=True),
        Matcher("deployed", "deployed", shared=True, optional=True, evidence=True),
        Matcher("blocked", "blocked", values=("open", "cleared"), optional=True, evidence=True),
        Matcher("checklist", "checklist", values=("ticked", "unticked"), optional=True, evidence=True),
    ),
    # "Ignored unless state is changed" (REST API, "Update an issue"), so a reason is never written by itself.
    follows={"reason": "state"},
    lenient=frozenset({"reason"}),
    assumed={"state": ("open",)},
    open={"state": ("open",)},
    finished={"state": ("closed",)},
    defaults={
        "done": {"state": ("closed",), "reason": ("completed",)},
        "cancelled": {"state": ("closed",), "reason": ("not_planned",)},
    },
    alike={("reason", "duplicate"): "not_planned"},
    url_forms=(UrlForm(r"^/([^/\s]+/[^/\s]+)/issues/(\d+)(?![\w-])", r"\1#\2"),),
    blank="no label",
)
