"""One report as a comment and a summary: how often it is rendered and redacted, and how long it takes.

A usual report fits into a comment. The big one (240 failures, 1,000 changes, a long answer) fits only
into the summary. Its time is compared with one pass of the redactor over the summary.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from bench.figures import Figure, hand_over, interleave, median_ms, ratio

from upshot.model import (
    Answer,
    BackendName,
    Diagnosis,
    Facts,
    Failure,
    Outcome,
    ResourceChange,
    Run,
    Verdict,
    VerdictStatus,
)
from upshot.report.build import RunContext, build_report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, Renderer
from upshot.report.templating.sandbox import LoadedTemplate, Templates
from upshot.secret import Secret

ROUNDS: Final = 9
MOST_BODIES: Final = 3
MOST_PASSES: Final = 4
MOST_OF_REDACTION: Final = 12.0
_ANSWER: Final = """\
# Cause

The name of the **bucket** is `taken`, see [naming](https://www.pulumi.com/docs/) and ask @somebody.

- Choose another name
- Or import the bucket

"""
_SECRETS: Final = ("pul-" + "0a9f" * 10, "ghs_" + "Zq7k" * 9, "hunter2hunter2!")


class CountingTemplates(Templates):
    """Counts the bodies that are rendered."""

    bodies = 0

    def render(self, loaded: LoadedTemplate, values: Mapping[str, Any]) -> str:
        self.bodies += "phrase" in values
        return super().render(loaded, values)


class CountingRedactor(Redactor):
    """Counts passes."""

    passes = 0

    def redact(self, text: str) -> str:
        self.passes += 1
        return super().redact(text)


def build_facts(failures: int, changes: int) -> Facts:
    message = "creating S3 Bucket: operation error S3: CreateBucket, StatusCode: 409, name is taken"
    return Facts(
        outcome=Outcome.FAILED,
        failures=tuple(
            Failure(
                f"{message} {n}",
                f"{message} {n}",
                name=f"bucket-{n}",
                type="aws:s3/bucket:Bucket",
                operation="create",
                is_resource=True,
                is_cascade=n % 6 == 5,
            )
            for n in range(failures)
        ),
        changes=tuple(
            ResourceChange("u", "aws:sqs/queue:Queue", f"queue-{n}", "create")
            for n in range(changes)
        ),
        sources=("events-file",),
    )


def make_pages(facts: Facts, answer: str, redactor: Redactor, templates: Templates) -> Rendered:
    """The whole way from facts to both pages; returns the summary."""
    report = build_report(
        facts,
        Diagnosis("name-conflict", title="Taken", explanation="It is taken.", next_steps=("Rename it.",)),
        reply=Answer(BackendName.COPILOT, answer),
        verdict=Verdict(VerdictStatus.FAILED),
        subject=None,
        context=RunContext(Run("acme/shop", "https://github.com", "1", sha="0" * 40), 1.0),
        redactor=redactor,
    )  # fmt: skip
    rendering = Renderer(redactor=redactor, templates=templates).open(report)
    rendering.comment()
    return rendering.summary()


def main() -> int:
    secrets = [Secret(value) for value in _SECRETS]
    usual, big = build_facts(4, 20), build_facts(240, 1_000)
    counts = {}
    for name, facts, answer in (("usual", usual, _ANSWER), ("big", big, _ANSWER * 80)):
        counting, templates = CountingRedactor(secrets), CountingTemplates()
        summary = make_pages(facts, answer, counting, templates).text
        counts[name] = (templates.bodies, counting.passes)
    redactor = Redactor(secrets)

    def spend(facts: Facts, answer: str) -> float:
        started = time.process_time()
        make_pages(facts, answer, redactor, Templates())
        return time.process_time() - started

    def redact() -> float:
        started = time.process_time()
        redactor.redact(summary)
        return time.process_time() - started

    works = {
        "usual": lambda: spend(usual, _ANSWER),
        "big": lambda: spend(big, _ANSWER * 80),
        "redact": redact,
    }
    taken = interleave(works, rounds=ROUNDS)
    ms = {name: f"{median_ms(values):.0f} ms" for name, values in taken.items()}
    return hand_over(
        [
            Figure("report.usual.bodies", counts["usual"][0], 1, note=ms["usual"]),
            Figure("report.usual.redactions", counts["usual"][1], 3),
            Figure("report.big.bodies", counts["big"][0], MOST_BODIES, note=ms["big"]),
            Figure("report.big.redactions", counts["big"][1], MOST_PASSES),
            Figure(
                "report.big.of_redaction",
                round(ratio(taken, "big", "redact"), 1),
                MOST_OF_REDACTION,
                "x",
                f"{ms['big']}; one pass over the summary of {len(summary):,} characters: "
                f"{ms['redact']}",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
