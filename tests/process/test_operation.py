"""The inputs under "Operation", templates, masks: what they promise."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from upshot_sandbox.scenario import CommentPlan, EventPlan, GitHubPlan

if TYPE_CHECKING:
    from tests.process.conftest import Start

ASKING = "POST /api/ai/chat/preview"
TEMPLATE = b'{% extends "report.md.j2" %}{% block heading %}## OURS {{ phrase }}{% endblock %}\n'
FORK = GitHubPlan(fork=True, author="jo-from-outside", branch="patch-1")


class TestDryRun:
    def test_it_asks_no_ai_and_writes_nothing_to_github(self, start: Start) -> None:
        result = start("failed-update").run(inputs={"dry-run": "true", "commit-status": "pulumi"})
        assert result.exit_code == 0
        assert result.to("github") == []
        assert ASKING not in result.lines
        assert result.outputs["comment-action"] == "skipped"
        assert "comment skipped: 'dry-run' is on" in result.log

    def test_the_report_is_in_the_log_where_it_can_run_no_command(self, start: Start) -> None:
        result = start("hostile").run(inputs={"dry-run": "true", "job-summary": "false"})
        assert "Update failed" in result.log
        assert result.summary == ""

    def test_a_task_is_not_created_either(self, start: Start) -> None:
        result = start("neo-answer").run(inputs={"dry-run": "true", "mode": "task"})
        assert not any(line.startswith("POST") for line in result.lines)


class TestTranscript:
    def test_a_replay_gives_the_same_report_and_asks_no_ai(self, start: Start) -> None:
        first = start("failed-update").run(inputs={"transcript-file": "kept/t.jsonl"}, files=KEPT)
        kept = (first.machine.workspace / "kept" / "t.jsonl").read_bytes()
        again = start("failed-update").run(
            inputs={"replay-file": "t.jsonl"}, files={"t.jsonl": kept}
        )
        assert ASKING not in again.lines
        assert without_stamps(again.summary) == without_stamps(first.summary)
        assert without_stamps(again.comments[0]) == without_stamps(first.comments[0])
        assert again.outputs["answer"] == first.outputs["answer"]

    def test_a_transcript_gives_what_was_asked_and_no_secret(self, start: Start) -> None:
        job = start("failed-update")
        result = job.run(inputs={"transcript-file": "t.jsonl", "mask-patterns": "shop-api-[a-z]+"})
        kept = (result.machine.workspace / "t.jsonl").read_text("utf-8")
        (entry,) = map(json.loads, kept.splitlines())
        assert entry["asked"]["organization"] == "acme"
        assert "CreateRole" in entry["asked"]["evidence"]
        assert "shop-api-task" not in kept
        assert job.world.cloud.workflow_token not in kept

    def test_a_file_that_is_no_transcript_is_bad_input_before_anything_is_asked(
        self, start: Start
    ) -> None:
        result = start("failed-update").run(
            inputs={"replay-file": "t.jsonl"}, files={"t.jsonl": b"{}"}
        )
        assert (result.exit_code, result.outputs["reason-code"]) == (1, "bad-input")
        assert result.requests == ()

    def test_a_transcript_that_cannot_be_written_is_a_warning(self, start: Start) -> None:
        result = start("failed-update").run(
            inputs={"transcript-file": "pulumi.log/t.jsonl"}, files={"pulumi.log": b"a file"}
        )
        assert result.exit_code == 0
        assert any("transcript-file" in warning for warning in result.warnings)


class TestTemplate:
    def test_it_is_used_for_comment_and_summary(self, start: Start) -> None:
        result = start("failed-update").run(
            inputs={"template-file": "t.j2"}, files={"t.j2": TEMPLATE}
        )
        assert "## OURS" in result.comments[0]
        assert "## OURS" in result.summary

    def test_a_fault_is_reported_in_log_and_report_and_ours_is_used(self, start: Start) -> None:
        faulty = {
            b"{{ nope": "cannot be read",
            b'{% extends "report.md.j2" %}{% block steps %}{{ nope }}{% endblock %}': "nope",
            b"x" * 300_000: "larger than",
        }
        for source, why in faulty.items():
            result = start("failed-update").run(
                inputs={"template-file": "t.j2"}, files={"t.j2": source}
            )
            assert result.exit_code == 0
            (warning,) = result.warnings
            assert why in warning
            assert "#template" in warning
            for text in (result.comments[0], result.summary):
                assert "template-file" in text
                assert "iam:CreateRole" in text

    def test_collect_reports_it_too(self, start: Start) -> None:
        result = start("collect").run(inputs={"template-file": "t.j2"}, files={"t.j2": b"{{ nope"})
        assert result.exit_code == 0
        assert any("#template" in warning for warning in result.warnings)
        assert "template-file" in result.comments[0]

    def test_t37_a_forks_own_version_of_it_is_not_used(self, start: Start) -> None:
        result = start("failed-update", github=FORK).run(
            inputs={"template-file": "t.j2", "strict": "true"}, files={"t.j2": TEMPLATE}
        )
        assert result.exit_code == 0
        assert "## OURS" not in result.summary
        assert any("template-file" in warning for warning in result.warnings)
        assert "the workspace is the fork" in result.summary

    def test_a_workflow_that_checks_out_the_base_uses_it_for_forks_too(self, start: Start) -> None:
        event = EventPlan(name="pull_request_target")
        result = start("failed-update", github=FORK, event=event).run(
            inputs={"template-file": "t.j2"}, files={"t.j2": TEMPLATE}
        )
        assert "## OURS" in result.comments[0]


def test_what_a_mask_pattern_matches_is_nowhere(start: Start) -> None:
    result = start("failed-update").run(inputs={"mask-patterns": "shop-[a-z-]+\n1111[0-9]+"})
    told = [result.log, result.summary, *result.comments, *result.outputs.values()]
    assert not any("shop-api-task" in text or "111122223333" in text for text in told)
    assert int(result.outputs["redacted-count"]) > 0


class TestPulumisOwnApp:
    APP = GitHubPlan(comments=(CommentPlan(author="pulumi[bot]", body="Update: 2 changes"),))

    def notices(self, result: object) -> list[str]:
        found = [note.message for note in result.annotations if note.level == "notice"]  # type: ignore[attr-defined]
        return [message for message in found if "GitHub App" in message]

    def test_it_is_mentioned_with_the_first_comment_and_never_again(self, start: Start) -> None:
        job = start("failed-update", github=self.APP)
        first, second = job.run(), job.run(inputs={"backend": "local"})
        assert len(self.notices(first)) == 1
        assert second.outputs["comment-action"] == "updated"
        assert self.notices(second) == []

    def test_where_it_does_not_comment_nothing_is_said(self, start: Start) -> None:
        assert self.notices(start("failed-update").run()) == []


KEPT = {"kept/.keep": b""}


def without_stamps(text: str) -> str:
    """Without our markers and the times in the footer."""
    text = re.sub(r"<!-- upshot.*? -->", "", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", text)
