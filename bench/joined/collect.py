"""A whole fleet joined: 256 legs of 40 stacks become one comment, one summary and one result.

Every 50th stack failed. Counted: requests to GitHub (our comment is there from the day before), reports that
are lost, failures that no output counts. Seconds and memory are told beside them.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
from bench.action import Step, interpreter
from bench.figures import Figure, hand_over
from bench.loopback import Loopback
from bench.thread import Conversation

from upshot.model import (
    BackendName,
    Diagnosis,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    Run,
    StackRef,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.report.content import Report

LEGS: Final = 256
STACKS: Final = 40
FAILED_EVERY: Final = 50
_MESSAGE: Final = "creating S3 Bucket (receipts): BucketAlreadyExists: The name is taken."


def report(number: int) -> Report:
    """As a leg stores it."""
    ref = StackRef("acme", f"app-{number:05d}", "prod")
    is_bad = number % FAILED_EVERY == 0
    failure = Failure(
        _MESSAGE,
        _MESSAGE,
        urn=f"urn:pulumi:prod::app-{number:05d}::aws:s3/bucket:Bucket::receipts",
        type="aws:s3/bucket:Bucket",
        name="receipts",
        operation="create",
        is_resource=True,
    )
    return Report(
        facts=Facts(
            Outcome.FAILED if is_bad else Outcome.SUCCEEDED,
            UpdateKind.UPDATE,
            ref,
            counts={"create": 1, "same": 12},
            failures=(failure,) if is_bad else (),
            sources=("pulumi-cloud",),
        ),
        diagnosis=Diagnosis(""),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=Verdict(VerdictStatus.FAILED if is_bad else VerdictStatus.SUCCEEDED),
        run=Run("acme/shop", "https://github.com", "2000", sha="0" * 40),
        made_at=1_795_000_000.0,
    )


def write_reports(folder: Path) -> int:
    """One folder a leg, one a stack in it, as `actions/download-artifact` leaves them; the bytes."""
    size = 0
    for leg in range(LEGS):
        for stack in range(STACKS):
            place = folder / f"upshot-{leg}" / "default" / str(stack + 1)
            place.mkdir(parents=True)
            data = msgspec.json.encode(report(leg * STACKS + stack))
            (place / "report.json").write_bytes(data)
            size += len(data)
    return size


def main() -> int:
    conversation, every = Conversation(), LEGS * STACKS
    failed = -(-every // FAILED_EVERY)
    with (
        Loopback(conversation.answer, round_trip_s=lambda _: 0.0) as server,
        Step(interpreter().python, cloud_url=server.url, github_url=server.url) as step,
    ):
        conversation.url = server.url
        conversation.begin(10)
        step.run(github_token="ghs_bench0000000000000000", backend="local", outcome="failure")
        size = write_reports(step.workspace / "reports")
        server.exchanges.clear()
        started = time.perf_counter()
        process = step.start(
            env={"GITHUB_RUN_ID": "3000"},
            mode="collect",
            reports_folder="reports",
            log_file="",
            github_token="ghs_bench0000000000000000",
            backend="local",
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        log = (step.folder / "log").read_text()
        if process.returncode or len(conversation.ours) != 1:
            raise RuntimeError(log)
        outputs = (step.folder / "output").read_text()
        summary = (step.folder / "summary").read_text()
    [comment] = conversation.ours
    tally = f"**{failed:,} failed** · {every - failed:,} succeeded"
    lost = [text for text in (comment, summary) if tally not in text]
    counted = outputs.partition("failed-count<<")[2].splitlines()[1]
    shown = sum(f"app-{number:05d}" in summary for number in range(every))
    note = f"{seconds:.1f} s, {used.ru_maxrss / 1024:.0f} MiB, {size / 1e6:.0f} MB of reports"
    return hand_over(
        [
            Figure("collect.requests", len(server.exchanges), 2, note=note),
            Figure(
                "collect.lost", len(lost), 0, note=f"pages whose tally is not of {every:,} stacks"
            ),
            Figure("collect.uncounted", failed - int(counted), 0, note=f"of {failed:,} failures"),
            Figure(
                "collect.unnamed", every - shown, 0, note="stacks whose name is not in the summary"
            ),
            Figure("collect.characters", len(comment), 65_536, note="of the comment"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
