"""What programs read: every output on every path, and a result that keeps to its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from upshot.model import (
    Answer,
    ApprovalRequest,
    BackendName,
    Diagnosis,
    EngineWarning,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    PolicyViolation,
    ReasonCode,
    Receipt,
    ReceiptStatus,
    ResourceChange,
    RiskLevel,
    Run,
    SourceLocation,
    StackRef,
    Subject,
    TaskState,
    TaskStatus,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.registry import MODES
from upshot.report.content import Report
from upshot.result import RunResult, build_document, output_values

ROOT = Path(__file__).parents[3]
DECLARED = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["outputs"]
SCHEMA = json.loads((ROOT / "docs" / "result.schema.json").read_text("utf-8"))
LIMIT = 65_536


def keep(text: str) -> str:
    return text


def make_failure(**over: Any) -> Failure:
    values = {
        "message": "error: BucketAlreadyExists",
        "headline": "BucketAlreadyExists",
        "urn": "urn:pulumi:prod::web::aws:s3/bucket:Bucket::assets",
        "type": "aws:s3/bucket:Bucket",
        "name": "assets",
        "operation": "create",
        "is_resource": True,
        **over,
    }
    return Failure(**values)


def make_report(**over: Any) -> Report:
    values: dict[str, Any] = {
        "verdict": Verdict(VerdictStatus.FAILED, RiskLevel.MEDIUM, ("stopped halfway",)),
        "run": Run("acme/web", "https://github.com", "99", sha="a" * 40),
        "facts": Facts(
            outcome=Outcome.FAILED,
            kind=UpdateKind.UPDATE,
            counts={"create": 2, "same": 5, "replace": 1, "create-replacement": 1},
            failures=(make_failure(location=SourceLocation("index.ts", 7), status_code=409),),
            changes=(ResourceChange("urn", "type", "name", "create", diffs=("tags",)),),
            policy_violations=(PolicyViolation("p", "q", "advisory", "m"),),
            warnings=(EngineWarning("deprecated", is_deprecation=True),),
            sources=("events-file",),
        ),
        "diagnosis": Diagnosis("already-exists", "Name taken", "Because.", ("Rename it.",)),
        "reply": Answer(BackendName.COPILOT, "raw", conversation_id="c-1", calls=2),
        "subject": Subject(
            StackRef("acme", "web", "prod"), version=41, console="https://app.pulumi.com"
        ),
        **over,
    }
    return Report(**values)


def make_result(*, answer: str = "The name is taken.", **over: Any) -> RunResult:
    """`over` are fields of the report."""
    report = make_report(**over)
    values: dict[str, Any] = {
        "reason_code": ReasonCode.DEPLOYMENT_FAILED,
        "report": report,
        "run": report.run,
        "answer": answer,
        "receipts": [
            Receipt("summary", ReceiptStatus.POSTED),
            Receipt(
                "comment",
                ReceiptStatus.POSTED,
                "updated",
                comment_id=8,
                comment_url="https://github.com/acme/web/pull/1#issuecomment-8",
            ),
        ],
        "report_file": "upshot/default/report.md",
        "result_file": "upshot/default/result.json",
        "redacted_count": 3,
        "duration_s": 1.26,
    }
    return RunResult(**values)


EARLY = RunResult(reason_code=ReasonCode.BAD_INPUT)


@pytest.mark.parametrize("result", [make_result(), EARLY], ids=["whole", "early"])
def test_every_declared_output_is_set_on_every_path(result: RunResult) -> None:
    assert list(output_values(result, redact=keep)) == list(DECLARED)


def test_the_values_of_a_failed_update() -> None:
    values = output_values(make_result(), redact=keep)
    del values["result"]
    assert values == {
        "verdict": "failed",
        "reason-code": "deployment-failed",
        "risk-level": "medium",
        "breaches": "[]",
        "failure-class": "already-exists",
        "failed-resources": '[{"urn":"urn:pulumi:prod::web::aws:s3/bucket:Bucket::assets",'
        '"type":"aws:s3/bucket:Bucket","name":"assets","operation":"create"}]',
        "failed-count": "1",
        "to-create": "2",
        "to-update": "0",
        "to-delete": "0",
        "to-replace": "1",
        "unchanged": "5",
        "answer": "The name is taken.",
        "backend-used": "copilot",
        "conversation-id": "c-1",
        "task-id": "",
        "task-url": "",
        "task-status": "none",
        "approval-request-id": "",
        "approved": "",
        "approved-by": "",
        "approved-sha": "",
        "update-url": "https://app.pulumi.com/acme/web/prod/updates/41",
        "comment-id": "8",
        "comment-url": "https://github.com/acme/web/pull/1#issuecomment-8",
        "comment-action": "updated",
        "report-file": "upshot/default/report.md",
        "result-file": "upshot/default/result.json",
        "truncated": "false",
        "redacted-count": "3",
        "ai-calls": "2",
        "duration-seconds": "1.3",
        **{name: "" for mode in MODES.values() for name in mode.outputs},
    }


def test_when_nothing_is_known_counts_are_empty_and_the_list_is_a_list() -> None:
    values = output_values(EARLY, redact=keep)
    counts = ["to-create", "to-update", "to-delete", "to-replace", "unchanged"]
    assert {values[name] for name in counts} == {""}
    assert (values["failed-resources"], values["failed-count"]) == ("[]", "0")
    assert (values["verdict"], values["comment-action"]) == ("unknown", "skipped")
    assert (values["backend-used"], values["ai-calls"]) == ("local", "0")


def test_a_task_that_awaits_a_person() -> None:
    reply = TaskState(
        TaskStatus.AWAITING_APPROVAL,
        "task-1",
        "https://app.pulumi.com/acme/neo/tasks/task-1",
        requests=(
            ApprovalRequest("req-1", "approval", "May I?"),
            ApprovalRequest("req-2", "question", "Where?"),
        ),
    )
    values = output_values(make_result(reply=reply, answer=""), redact=keep)
    assert values["task-status"] == "awaiting-approval"
    assert (values["task-id"], values["approval-request-id"]) == ("task-1", "req-1")
    assert values["backend-used"] == "neo"


def test_an_ai_that_failed_leaves_local() -> None:
    reply = NoAnswer(BackendName.COPILOT, ReasonCode.AI_UNAVAILABLE, "down", calls=4)
    values = output_values(make_result(reply=reply, answer=""), redact=keep)
    assert (values["backend-used"], values["ai-calls"]) == ("local", "4")
    assert json.loads(values["result"])["ai"]["why_not"] == "down"


def test_t9_names_and_messages_are_redacted() -> None:
    facts = Facts(failures=(make_failure(name="pul-secret", message="token pul-secret"),))
    values = output_values(
        make_result(facts=facts), redact=lambda text: text.replace("pul-secret", "***")
    )
    assert "pul-secret" not in "".join(values.values())
    assert json.loads(values["failed-resources"])[0]["name"] == "***"


class TestSchema:
    validator = Draft202012Validator(SCHEMA)

    def test_it_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    @pytest.mark.parametrize(
        "result",
        [
            make_result(),
            EARLY,
            make_result(reply=TaskState(TaskStatus.FINISHED, "t", tokens_used=5)),
            make_result(reply=NoAnswer(BackendName.NEO), facts=Facts(), subject=None),
        ],
        ids=["whole", "early", "task", "empty"],
    )
    def test_results_keep_to_it(self, result: RunResult) -> None:
        document = json.loads(output_values(result, redact=keep)["result"])
        self.validator.validate(document)

    def test_it_describes_every_field_and_no_other(self) -> None:
        result = build_document(make_result(reply=TaskState(TaskStatus.FINISHED, "t")), redact=keep)
        assert dict(_undescribed(result, SCHEMA, "result")) == {}

    def test_it_refuses_what_is_wrong(self) -> None:
        result = build_document(EARLY, redact=keep)
        assert not self.validator.is_valid({**result, "verdict": "fine"})
        assert not self.validator.is_valid({**result, "version": 2})
        assert not self.validator.is_valid({k: v for k, v in result.items() if k != "facts"})


def _undescribed(value: Any, schema: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    """Fields without a description, and descriptions without a field."""
    if isinstance(value, dict) and "properties" in schema:
        for name in value.keys() ^ schema["properties"].keys():
            yield f"{at}.{name}", "only on one side"
        for name in value.keys() & schema["properties"].keys():
            assert schema["properties"][name].get("description")
            yield from _undescribed(value[name], schema["properties"][name], f"{at}.{name}")
    if isinstance(value, list) and value:
        yield from _undescribed(value[0], schema["items"], f"{at}[]")


class TestSizes:
    def test_200_failed_resources_are_all_there(self) -> None:
        facts = Facts(failures=tuple(make_failure(name=f"bucket-{n}") for n in range(200)))
        values = output_values(make_result(facts=facts), redact=keep)
        assert len(json.loads(values["failed-resources"])) == 200
        assert values["failed-count"] == "200"

    def test_a_long_result_is_shortened_and_stays_json_of_the_schema(self) -> None:
        failures = tuple(make_failure(message="x" * 5_000, name=f"n{n}") for n in range(200))
        values = output_values(make_result(facts=Facts(failures=failures)), redact=keep)
        result = json.loads(values["result"])
        Draft202012Validator(SCHEMA).validate(result)
        assert result["truncated"]
        assert values["truncated"] == "true"
        assert result["facts"]["failures"][0]["name"] == "n0"

    def test_a_long_answer_ends_with_a_whole_line(self) -> None:
        values = output_values(make_result(answer="line\n" * 20_000), redact=keep)
        assert values["answer"].endswith("line\n")
        assert len(values["answer"]) <= LIMIT
        assert values["truncated"] == "true"

    @given(
        st.text(alphabet=st.sampled_from('a\x01\n\N{PILE OF POO}é\ud800"'), min_size=1, max_size=9),
        st.integers(1, 1_500),
    )
    @settings(max_examples=20)
    def test_no_output_is_ever_too_long(self, piece: str, times: int) -> None:
        text = piece * times
        facts = Facts(
            counts={f"{piece}{n}" * 9: n for n in range(60)},
            failures=(make_failure(name=text, message=text, urn=text),) * 15,
            changes=(ResourceChange(text, text, text, text, diffs=(text,) * 20),) * 15,
            warnings=(EngineWarning(text),) * 15,
            links=(text,) * 15,
            policy_violations=(PolicyViolation(text, text, text, text, text),) * 15,
            pending_operations=(text,) * 15,
        )
        result = make_result(facts=facts, answer=text * 20, diagnosis=Diagnosis("x", text, text))
        values = output_values(result, redact=keep)
        assert max(len(value.encode("utf-8", "replace")) for value in values.values()) <= LIMIT
        json.loads(values["result"])
        json.loads(values["failed-resources"])
