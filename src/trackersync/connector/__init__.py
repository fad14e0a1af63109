"""The promise a connector keeps: the only module of trackersync a connector imports.

A connector shows one tracker as items whose facts can be observed and changed. It knows nothing of stages, of other
trackers, of the store or of the plan. It is constructed with a ``Wire`` (which owns time-outs, retries, budgets,
redaction and counting), a ``Clock`` and its settings, and is found through the entry-point group
``trackersync.connectors``, whose values are ``Plugin`` objects.

A connector

* must yield pages as they come, each with the cursors that make a killed read resume where it stopped;
* must answer a ref it cannot find with an ``Absence``, not with an error;
* must look, compare with ``before``, write, and return what the tracker shows afterwards;
* must notice a write that the tracker dropped without a word;
* may reorder requests, and may read side by side, at most 8 in flight;
* must not keep state between calls that a restart would lose, retry by itself, sleep, or put a secret in an error.
"""

from trackersync.connector.abreast import Trouble, abreast, together
from trackersync.connector.asked import Delivery, Discovery, Lately, Page, Probe, Scope, These
from trackersync.connector.hooking import Hook, Hooking, HookPlace
from trackersync.connector.limits import CORE, Allowance, RateLimits
from trackersync.connector.optional import (
    Advising,
    Chronicler,
    Discovering,
    Examining,
    Heeding,
    Historian,
    Listener,
    Naming,
    Offering,
    Routed,
    Surveying,
)
from trackersync.connector.promise import (
    SDK,
    Answer,
    Clock,
    Connector,
    Plugin,
    Renewing,
    Wire,
)
from trackersync.connector.reading import compare, decode, mentions
from trackersync.connector.settings import Span, TrackerSettings, Words
from trackersync.connector.several import each
from trackersync.connector.surveyed import Container, Sign, Survey, SurveyedBoard
from trackersync.core.examination import Check, Grade
from trackersync.core.expect import fold
from trackersync.core.model import (
    Absence,
    Account,
    Candidate,
    Capacity,
    Change,
    Event,
    Facts,
    FieldName,
    Item,
    ItemRef,
    Matcher,
    Named,
    Transition,
    UrlForm,
    Vocabulary,
    Workflow,
)
from trackersync.core.nearest import did_you_mean
from trackersync.core.remote import RemoteLink
from trackersync.errors import (
    AuthError,
    BadDeliveryError,
    BadSignatureError,
    NotFoundError,
    RejectedError,
    StaleError,
    UnavailableError,
)

__all__ = [
    "CORE",
    "SDK",
    "Absence",
    "Account",
    "Advising",
    "Allowance",
    "Answer",
    "AuthError",
    "BadDeliveryError",
    "BadSignatureError",
    "Candidate",
    "Capacity",
    "Change",
    "Check",
    "Chronicler",
    "Clock",
    "Connector",
    "Container",
    "Delivery",
    "Discovering",
    "Discovery",
    "Event",
    "Examining",
    "Facts",
    "FieldName",
    "Grade",
    "Heeding",
    "Historian",
    "Hook",
    "HookPlace",
    "Hooking",
    "Item",
    "ItemRef",
    "Lately",
    "Listener",
    "Matcher",
    "Named",
    "Naming",
    "NotFoundError",
    "Offering",
    "Page",
    "Plugin",
    "Probe",
    "RateLimits",
    "RejectedError",
    "RemoteLink",
    "Renewing",
    "Routed",
    "Scope",
    "Sign",
    "Span",
    "StaleError",
    "Survey",
    "SurveyedBoard",
    "Surveying",
    "These",
    "TrackerSettings",
    "Transition",
    "Trouble",
    "UnavailableError",
    "UrlForm",
    "Vocabulary",
    "Wire",
    "Words",
    "Workflow",
    "abreast",
    "compare",
    "decode",
    "did_you_mean",
    "each",
    "fold",
    "mentions",
    "together",
]
