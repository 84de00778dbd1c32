"""What holds for every input: nothing raises, nothing is invented, nothing grows."""

from __future__ import annotations

import itertools
import json
import re
import sys
from types import FrameType

from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.evidence import Excerpt, facts_from_console, facts_from_events, merge_facts
from upshot.evidence.text import LINE_CAP_BYTES, iter_lines, strip_colour
from upshot.model import Facts

LOG = """\
Updating (acme/prod)
View Live: https://app.pulumi.com/acme/shop/prod/updates/4
     Type                 Name       Status                  Info
     pulumi:pulumi:Stack  shop-prod  **failed**              1 error
 +   └─ aws:sqs:Queue     orders     **creating failed**     1 error
Diagnostics:
  pulumi:pulumi:Stack (shop-prod):
    Traceback (most recent call last):
      File "/srv/__main__.py", line 9, in <module>
    ValueError: no
    error: an unhandled error occurred: Program exited with non-zero exit code: 1
  aws:sqs:Queue (orders):
    error: 1 error occurred:
    \t* creating urn:pulumi:prod::shop::aws:sqs/queue:Queue::orders: api error AccessDenied: no
Policies:
    - [mandatory]  private  (aws:sqs:Queue: orders)
      Queues must be private.
Outputs:
    error: "no error"
Resources:
    + 1 created
Duration: 3s
"""
PIECES = [line + "\n" for line in LOG.split("\n")] + [
    "error: ", "\x1b[1A", "\r", "* ", "  ", "**", "View Live: ", "stderr: ", "<{%", "├─ ", "::", '"',
]  # fmt: skip
EVENTS = [
    {"preludeEvent": {"config": {}}},
    {
        "diagnosticEvent": {
            "urn": "urn:pulumi:a::b::c:d:E::f",
            "message": "boom",
            "severity": "error",
        }
    },
    {"resOutputsEvent": {"metadata": {"op": "replace", "urn": "urn:pulumi:a::b::c:d:E::f"}}},
    {"resOpFailedEvent": {"metadata": {"op": "create", "urn": "urn:pulumi:a::b::c:d:E::g"}}},
    {"policyEvent": {"message": "no", "enforcementLevel": "mandatory"}},
    {"summaryEvent": {"durationSeconds": 1, "resourceChanges": {"same": 1}, "result": "failed"}},
]
quick = settings(max_examples=150)


def folded(text: str) -> str:
    return re.sub(r"\s+", "", strip_colour(text))


def names_of(facts: Facts) -> list[str]:
    told = [part for f in facts.failures for part in (f.urn, f.type, f.name, f.headline)]
    told += [f.location.file for f in facts.failures if f.location]
    told += [part for change in facts.changes for part in (change.type, change.name)]
    return [part for part in told if part]


@quick
@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_bytes_give_facts(pieces: list[bytes]) -> None:
    console, events = facts_from_console(pieces), facts_from_events(pieces)
    assert isinstance(Excerpt(merge_facts([events, console])).cut(500), str)


@quick
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_a_shuffled_log_gives_only_what_it_holds(pieces: list[str]) -> None:
    log = "".join(pieces)
    # What repeats before the lines is taken off, so it may be missing between two of them.
    evidence = folded(log) + folded(re.sub(r"(?m)^[* ]+", "", log))
    for name in names_of(facts_from_console([log.encode()])):
        assert folded(name) in evidence


@quick
@given(st.integers(0, len(LOG)), st.integers(0, 60), st.binary(max_size=12))
def test_a_mutated_log_gives_facts(at: int, removed: int, put: bytes) -> None:
    raw = LOG.encode()
    facts = facts_from_console([raw[:at] + put + raw[at + removed :]])
    evidence = folded((raw[:at] + put + raw[at + removed :]).decode("utf-8", "replace"))
    for name in names_of(facts):
        assert folded(name) in evidence


@quick
@given(st.lists(st.sampled_from(EVENTS), max_size=12), st.data())
def test_mutated_events_give_facts(events: list[object], data: st.DataObject) -> None:
    lines = [json.dumps(event).encode() for event in events]
    for at, line in enumerate(lines):
        cut = data.draw(st.integers(0, len(line)))
        put = data.draw(st.sampled_from([b"", b"null", b"[", b"1e999", b"\xff", b'"', b"{}"]))
        lines[at] = line[:cut] + put + line[cut + len(put) :]
    assert isinstance(facts_from_events(lines), Facts)


@quick
@given(st.data())
def test_the_pieces_in_which_a_log_is_read_do_not_matter(data: st.DataObject) -> None:
    raw = LOG.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=12)))
    edges = [0, *cuts, len(raw)]
    pieces = [raw[a:b] for a, b in itertools.pairwise(edges)]
    assert facts_from_console(pieces) == facts_from_console([raw])


@quick
@given(st.text(max_size=400), st.integers(0, 600))
def test_a_cut_keeps_its_budget(message: str, budget_bytes: int) -> None:
    facts = facts_from_console([f"error: {message}\n".encode("utf-8", "replace")])
    assert len(Excerpt(facts).cut(budget_bytes).encode("utf-8", "replace")) <= budget_bytes


def test_t38_a_line_without_an_end_is_capped() -> None:
    lines = list(iter_lines(b"x" * 1_000 for _ in range(1_000)))
    assert [len(line) for line in lines] == [LINE_CAP_BYTES]


def test_t38_a_hostile_line_costs_no_more_than_its_length() -> None:
    # Each of these once made a pattern quadratic or worse: it would not end within the suite.
    atoms = [" ", "\t", "Aa", "a.", ".a", "a/", "Exception", "─ ", "[", '"', ": ", "/", "A."]
    for atom in atoms:
        hostile = atom * (20_000 // len(atom))
        facts_from_console([f"error: {hostile}\nx:{hostile}:\n".encode()])
        facts_from_events(
            [json.dumps({"diagnosticEvent": {"severity": "error", "message": hostile}}).encode()]
        )


def test_errors_of_no_resource_are_counted_beyond_what_is_kept() -> None:
    lines = [f"error: thing {n} went wrong\n".encode() for n in range(1_500)]
    facts = facts_from_console([b"Updating (prod)\n", *lines, *lines[300:]])
    assert len(facts.failures) + facts.failures_omitted == 1_500


def test_failures_and_messages_are_bounded_however_long_the_log() -> None:
    block = "  aws:sqs:Queue (q{n}):\n    error: boom {n}\n" + "    more and more text\n" * 30
    log = ["Diagnostics:\n", *(block.replace("{n}", str(n)) for n in range(1_500))]
    facts = facts_from_console(piece.encode() for piece in log)
    assert len(facts.failures) + facts.failures_omitted == 1_500
    assert sum(len(failure.message) for failure in facts.failures) < 2_000_000


def test_t38_errors_beyond_what_is_kept_cost_no_more_than_other_lines() -> None:
    """Each was once compared with all that were kept: minutes for a log of 12 MB."""
    head = "Updating (dev):\n\nDiagnostics:\n  aws:sqs:Queue (q):\n"

    def calls(errors: int) -> int:
        log = head + "".join(f"    error: something {n}\n" for n in range(errors))
        count = 0

        def see(_frame: FrameType, event: str, _arg: object) -> None:
            nonlocal count
            count += event == "call"

        before = sys.getprofile()
        sys.setprofile(see)
        try:
            [failure] = facts_from_console([log.encode()]).failures
        finally:
            sys.setprofile(before)
        assert failure.message.startswith("something 0\nerror: something 1\n")
        return count

    assert (calls(3_000) - calls(2_000)) / 1_000 < 150
