"""Stateful stand-ins for GitHub and Jira, for the demo, for tests, and for those who write plug-ins.

Over real HTTP on loopback::

    with running(Options()) as sandbox:
        print(sandbox.github_url, sandbox.jira_url)
        sandbox.jira.edit("SHOP-42", status="In Review", by="ada-l")   # as a person
        sandbox.github.faults.add(drop(), method="POST")               # trouble on purpose
        print(sandbox.github.requests)                                 # what was asked
        print(sandbox.github.edits)                                    # who changed what
        sandbox.post.trouble(lose=0.3, shuffle=50, seed=7)             # of webhooks: see sandbox.posting

or in-process, with ``httpx.ASGITransport(github_app(model))``.

**Tokens.** Any token that is not empty is good, except one that contains ``wrong``, ``bad``, ``expired``, ``revoked``
or ``invalid``: that one is refused with 401, as the vendor words it. Without any, GitHub answers 401; Jira answers 401
for what needs a person, and a search finds nothing, since that is what the real one does. One that contains ``scoped``
is taken by Jira only below ``/ex/jira/{jira.cloud_id}``, which is Cloud's gateway; ``jira.tokens`` lists Data Center's
access tokens with their expiry, and ``jira.captcha`` refuses every password and API token until it is solved.

**Cloud or Data Center.** The Jira stand-in is both. Basic credentials whose name is an e-mail address (or none) meet
Cloud: ``/search/jql`` with tokens. A bearer token or a plain user name meets Data Center: ``/rest/api/2/search`` with
offsets.

**Strict.** A field, operator, project, parameter or value that the stand-in does not know is refused with 400 or 422
and never ignored, so that a caller's mistake cannot pass for an empty answer.

**Trouble.** ``faults`` of either model makes the next fitting requests go wrong: see
:mod:`trackersync.sandbox.faults`. A state that lasts is set on the model: ``github.push``, ``.writable`` and
``.visible``; ``jira.may_browse``, ``.may_edit``, ``.may_assign`` and ``.may_transition``; ``jira.lag`` lets search
show old pictures for so many seconds, ``math.inf`` until ``jira.catch_up()``; ``jira.conflicts`` answers so many
transitions with 409; ``jira.window`` is how deep Data Center's offsets reach; ``jira.time_zone`` is the one in which
quoted dates are read.
"""

from trackersync.sandbox.audit import Edit
from trackersync.sandbox.faults import Fault, Faults, Request, answer, cut, drop, lose, overtaken, powerless, stall
from trackersync.sandbox.github.app import github_app
from trackersync.sandbox.github.model import GitHub
from trackersync.sandbox.jira.app import jira_app
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.load import LoadError
from trackersync.sandbox.posting import Post, Posting
from trackersync.sandbox.server import Options, Sandbox, build, running
from trackersync.sandbox.shop import configuration, meanwhile

__all__ = [
    "Edit",
    "Fault",
    "Faults",
    "GitHub",
    "Jira",
    "LoadError",
    "Options",
    "Post",
    "Posting",
    "Request",
    "Sandbox",
    "answer",
    "build",
    "configuration",
    "cut",
    "drop",
    "github_app",
    "jira_app",
    "lose",
    "meanwhile",
    "overtaken",
    "powerless",
    "running",
    "stall",
]
