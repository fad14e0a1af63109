"""A check as SARIF 2.1.0, the form in which static analysers tell their results.

**Where a finding is.** A task has no line in a file, and GitHub's code scanning refuses a whole upload for one result
without a file. So each result is pinned to the first line of the configuration, which is in the repository; the items
themselves are its logical locations, and their pages stand in the message and under ``workItemUris``.

**What GitHub heeds.** It knows a result again by ``partialFingerprints.primaryLocationLineHash`` alone, with rule and
file; ours is made of the rule and the id of the item at fault, which no rename changes. It heeds neither
``suppressions`` nor ``baselineState``, and would open an alert for what is silenced or gone: neither is in here. What a
baseline knows bears both, for others that read them. A run may have 25,000 results, of which GitHub shows 5,000, and
10 MB compressed: the worst are given, and a notification says how many are not.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from trackersync import __version__
from trackersync.core.checked import Checked
from trackersync.core.diagnose import AnyRule, Finding, Seen
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome
from trackersync.report.names import clean, cut
from trackersync.report.safe import about, page, sarif

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST: Final = 25_000
SHOWN: Final = 5_000
BYTES: Final = 9_000_000
"""What the results may take compressed: GitHub takes 10 MB of a whole file."""
_ITEMS: Final = 20
_RANK: Final = {severity: place for place, severity in enumerate(Severity)}
_PROBLEM: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}

Record = dict[str, Any]


def check_sarif(outcome: Outcome, checked: Checked, rules: Iterable[AnyRule], file: str) -> Record:
    """The whole document.

    Args:
        outcome: of a check.
        checked: what it tells.
        rules: every rule that was asked.
        file: the configuration's file, from the root of the repository.
    """
    rules = tuple(rules)
    known = {rule.name: number for number, rule in enumerate(rules)}
    place = _place(file)
    whole = sorted(_results(checked, known, place), key=lambda entry: entry[0])
    results = list(_fitting(result for _, result in whole[:MOST]))
    _number(results)
    driver = {
        "name": "trackersync",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    invocation = {
        "executionSuccessful": not outcome.failures,
        "toolExecutionNotifications": list(_notifications(outcome, len(results), len(whole))),
    }
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _results(checked: Checked, known: dict[str, int], place: Record) -> Iterator[tuple[tuple[int, int], Record]]:
    """Every result with its rank: those that count before those that do not, worst first."""
    base = checked.baseline
    compared = base is not None or checked.since is not None
    for finding in checked.findings:
        result = _result(finding, known, place)
        borne = base is not None and finding in base.known
        if compared:
            old = borne if base is not None else finding not in checked.new
            result["baselineState"] = "unchanged" if old else "new"
        if borne and base is not None:
            result["suppressions"] = [_suppression(f"It stands in the baseline {clean(base.file)}.")]
        yield (int(borne), _RANK[finding.severity]), result


def _result(finding: Finding, known: dict[str, int], place: Record) -> Record:
    pages = list(dict.fromkeys(url for seen in finding.items[:_ITEMS] if (url := page(seen.url))))
    properties: Record = {"place": finding.place, "fix": sarif(finding.fix)}
    if finding.stage is not None:
        properties["stage"] = clean(finding.stage)
    if finding.could_be:
        properties["couldBe"] = [clean(f"{one.person} ({one.because})") for one in finding.could_be[:_ITEMS]]
    at = finding.items[0] if finding.items else None
    mark = finding.subject or (f"{at.tracker}/{at.id}" if at else finding.task)
    result = _found(
        finding.rule, finding.severity, _message(finding, pages), mark, _logical(finding), known=known, place=place
    )
    if pages:
        result["workItemUris"] = pages
    result["properties"] = properties
    return result


def _found(
    rule: str, severity: Severity, text: str, mark: str, logical: list[Record], *, known: dict[str, int], place: Record
) -> Record:
    where: Record = {"physicalLocation": place}
    if logical:
        where["logicalLocations"] = logical
    result: Record = {"ruleId": rule, "level": severity.value, "message": {"text": text}, "locations": [where]}
    if rule in known:
        result["ruleIndex"] = known[rule]
    result["partialFingerprints"] = {
        "primaryLocationLineHash": sha256(f"{rule}\n{mark}".encode(errors="replace")).hexdigest()[:16]
    }
    return result


def _message(finding: Finding, pages: Sequence[str]) -> str:
    """The fault in one sentence, which GitHub makes the alert's title; then what to do, and where."""
    subject = about(finding)
    named = clean(finding.message)
    sentence = named if subject in named or not subject else f"{subject}: {named}"
    # The text before an address ends in a space, so that the address is one.
    after = "".join(f" {url}" for url in pages[:3])
    return f"{sarif(sentence)}. To do: {sarif(finding.fix)}.{after}"


def _logical(finding: Finding) -> list[Record]:
    if finding.subject:
        return [{"name": clean(finding.subject), "kind": _kind(finding.subject)}]
    # The schema wants each once, and two items may show themselves alike.
    once: list[Record] = []
    once += (one for one in map(_item, finding.items[:_ITEMS]) if one not in once)
    return once


def _item(seen: Seen) -> Record:
    key = clean(seen.key)
    says: Record = {
        "id": seen.id,
        "says": sarif(seen.says),
        "owners": [clean(owner) for owner in seen.owners[:_ITEMS]],
    }
    if seen.stage is not None:
        says["stage"] = clean(seen.stage)
    return {
        "name": key,
        "fullyQualifiedName": f"{clean(seen.tracker)}/{key}",
        "kind": "issue",
        "properties": says,
    }


def _kind(subject: str) -> str:
    return "total" if subject else "issue"


def _place(file: str) -> Record:
    """The first line of the configuration, as an address from the root of the repository."""
    path = clean(file).replace("\\", "/")
    # An absolute path has no place in a repository, and one that leads out of it neither.
    if path.startswith(("/", "../")) or path[1:3] == ":/":
        path = path.rpartition("/")[2]
    uri = quote(path.removeprefix("./") or "trackersync.yaml", safe="/")
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    return {"artifactLocation": {"uri": uri}, "region": region}


def _suppression(reason: str) -> Record:
    return {"kind": "external", "status": "accepted", "justification": sarif(reason)}


def _rule(rule: AnyRule) -> Record:
    more = f"\n\nIt sees something only where the configuration asks for it: `{rule.needs}`" if rule.needs else ""
    example = f"\n\n```yaml\n{rule.example}\n```" if rule.example else ""
    text = f"{rule.summary}\n\n{rule.why}\n\nTo do: {rule.fix}"
    return {
        "id": rule.name,
        "name": rule.name,
        "shortDescription": {"text": cut(rule.summary, 1024)},
        "fullDescription": {"text": cut(f"{rule.summary} {rule.why}", 1024)},
        "help": {
            "text": text,
            "markdown": f"{rule.summary}\n\n**Why.** {rule.why}\n\n**To do.** {rule.fix}{more}{example}",
        },
        "defaultConfiguration": {"level": rule.severity.value, "enabled": not rule.off},
        "properties": {
            "tags": list(dict.fromkeys(("delivery", rule.family, rule.place))),
            "precision": "high",
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


def _fitting(results: Iterable[Record]) -> Iterator[Record]:
    """As many results as there is room for. What is small enough as it is need not be compressed to know."""
    squeeze, plain, packed = zlib.compressobj(1), 0, 0
    waiting: list[bytes] = []
    for result in results:
        text = json.dumps(result).encode()
        plain += len(text)
        waiting.append(text)
        if plain > BYTES:
            packed += sum(len(squeeze.compress(one)) for one in waiting)
            waiting.clear()
            if packed > BYTES:
                return
        yield result


def _number(results: Iterable[Record]) -> None:
    """Tell apart what one rule says of one item several times: GitHub would take it for one alert."""
    met: Counter[str] = Counter()
    for result in results:
        prints = result["partialFingerprints"]
        mark = prints["primaryLocationLineHash"]
        met[mark] += 1
        prints["primaryLocationLineHash"] = f"{mark}:{met[mark]}"


def _notifications(outcome: Outcome, given: int, there: int) -> Iterator[Record]:
    for failure in outcome.failures:
        yield {"level": "error", "message": {"text": sarif(str(failure))}}
    for warning in outcome.warnings:
        yield {"level": "warning", "message": {"text": sarif(warning)}}
    if given < there:
        text = f"{given:,} of {there:,} results are given, the worst first: GitHub refuses a file with more."
        yield {"level": "warning", "message": {"text": text}}
    if given > SHOWN:
        text = f"GitHub shows {SHOWN:,} of the {given:,} results, the worst first."
        yield {"level": "note", "message": {"text": text}}
