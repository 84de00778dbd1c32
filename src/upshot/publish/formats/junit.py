"""The facts as JUnit's XML, which most systems show as test results: a stack a suite, a resource a case.

Shape: the common subset that Jenkins' and GitLab's readers take. Pure; texts are redacted already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from upshot.model import Facts, Failure, Outcome
from upshot.publish.interface import StackFacts

_MOST_TEXT: Final = 8_000
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, not even escaped."""


class _Case(NamedTuple):
    group: str
    name: str
    kind: str = ""
    """Of what is in it: `failure`, `skipped` or nothing."""
    summary: str = ""
    text: str = ""
    code: str = ""


def build_junit(stacks: Sequence[StackFacts]) -> str:
    """One document; each stack has at least one case, the run itself."""
    root = ET.Element("testsuites", name="Pulumi")
    totals = {"tests": 0, "failures": 0, "skipped": 0}
    for stack in stacks:
        cases = list(_cases(stack.facts))
        counts = {
            "tests": len(cases),
            "failures": sum(case.kind == "failure" for case in cases),
            "skipped": sum(case.kind == "skipped" for case in cases),
        }
        suite = ET.SubElement(root, "testsuite", name=_text(stack.name))
        for name, n in counts.items():
            suite.set(name, str(n))
            totals[name] += n
        if stack.facts.duration_s is not None:
            suite.set("time", f"{stack.facts.duration_s:.3f}")
        for case in cases:
            _add(suite, case)
    for name, n in totals.items():
        root.set(name, str(n))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add(suite: ET.Element, case: _Case) -> None:
    shown = ET.SubElement(suite, "testcase", classname=_text(case.group), name=_text(case.name))
    if case.kind:
        inner = ET.SubElement(shown, case.kind, message=_text(case.summary))
        if case.code:
            inner.set("type", _text(case.code))
        inner.text = _text(case.text[:_MOST_TEXT])


def _cases(facts: Facts) -> Iterator[_Case]:
    yield _of_run(facts)
    failed: dict[tuple[str, str], Failure] = {}
    for failure in facts.failed_resources:
        failed.setdefault((failure.type, failure.name), failure)
    for (type_, name), failure in failed.items():
        yield _failed(type_ or "resource", name or "resource", failure)
    for change in facts.changes:
        if (change.type, change.name) not in failed:
            yield _Case(change.type or "resource", f"{change.name} ({change.operation})")
    for broken in facts.policy_violations:
        kind = "failure" if broken.enforcement == "mandatory" else ""
        name = f"{broken.policy} {broken.urn.rpartition('::')[2]}".strip()
        yield _Case(f"policy.{broken.pack}", name, kind, broken.message, broken.urn)


def _of_run(facts: Facts) -> _Case:
    """The run as a whole: it fails by what belongs to no resource, else by its root cause."""
    group, name = "pulumi", facts.kind.value
    if facts.outcome is Outcome.FAILED:
        own = (one for one in facts.failures if not one.is_resource and not one.is_cascade)
        cause = next(own, None) or facts.root_cause
        if cause is None:
            return _Case(group, name, "failure", f"{name} failed")
        return _failed(group, name, cause)
    if facts.outcome is Outcome.SUCCEEDED:
        return _Case(group, name)
    return _Case(group, name, "skipped", f"{name} {facts.outcome.value}")


def _failed(group: str, name: str, failure: Failure) -> _Case:
    code = failure.error_code or str(failure.status_code or "")
    return _Case(group, name, "failure", failure.headline, failure.message, code)


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
