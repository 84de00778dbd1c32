"""Kinds of runs that the real CLI has shown: each rule on words of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upshot.evidence import facts_from_console, facts_from_events, merge_facts
from upshot.model import Facts, Meaning, Outcome, UpdateKind

STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
TOPIC = "urn:pulumi:prod::shop::aws:sns/topic:Topic::news"
INTERRUPT = {
    "stdoutEvent": {"message": "^C received; cancelling. Press ^C again to end at once.\n"}
}


def read(log: str) -> Facts:
    return facts_from_console([log.encode()])


def events(*payloads: dict[str, Any]) -> Facts:
    return facts_from_events([json.dumps(each).encode() for each in payloads])


def begins(op: str, urn: str = TOPIC) -> dict[str, Any]:
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": urn, "type": urn.split("::")[2]}}}


def ends(op: str, urn: str = TOPIC) -> dict[str, Any]:
    return {"resOutputsEvent": {"metadata": {"op": op, "urn": urn, "type": urn.split("::")[2]}}}


def fails(op: str, message: str, urn: str = TOPIC) -> tuple[dict[str, Any], dict[str, Any]]:
    return error(message, urn), {"resOpFailedEvent": {"metadata": {"op": op, "urn": urn}}}


def error(message: str, urn: str = "") -> dict[str, Any]:
    return {"diagnosticEvent": {"message": message, "severity": "error", "urn": urn}}


def summary(result: str, **changes: int) -> dict[str, Any]:
    return {"summaryEvent": {"durationSeconds": 3, "resourceChanges": changes, "result": result}}


def failed(facts: Facts) -> list[tuple[str, str, str]]:
    return [(f.type, f.name, f.operation) for f in facts.failed_resources]


# -- rows


@pytest.mark.parametrize(
    ("row", "name", "operation"),
    [
        ("~  aws:sns:Topic news update [diff: ~label]; error: no such key", "news", "update"),
        ("++ aws:sns:Topic news create replacement [diff: ~label]; error: no", "news", "create-replacement"),
        ("~  aws:sns:Topic two words update [diff: ~label]; error: no", "two words", "update"),
        ("+  aws:sns:Topic two words create error: no", "two words", "create"),
    ],
)  # fmt: skip
def test_a_name_ends_where_the_plan_of_its_row_begins(row: str, name: str, operation: str) -> None:
    facts = read(f"Previewing update (prod):\n {row}\n")
    assert failed(facts) == [("aws:sns:Topic", name, operation)]


def test_a_plan_at_the_end_of_a_row_is_no_part_of_a_name() -> None:
    log = "Previewing update (prod):\n +  aws:sns:Topic two words create\nResources:\n    + 1 to create\n"
    assert [(c.name, c.operation) for c in read(log).changes] == [("two words", "create")]


def test_the_urns_of_an_option_name_type_and_resource() -> None:
    facts = read(
        "Updating (prod):\n"
        f" +  {STACK} creating (0s)\n"
        f" +  {TOPIC} **creating failed** error: api error Denied: no\n"
        "Diagnostics:\n"
        f"  {TOPIC}:\n"
        "    error: api error Denied: no\n"
    )
    assert failed(facts) == [("aws:sns/topic:Topic", "news", "create")]


def test_a_child_s_urn_names_the_child() -> None:
    urn = "urn:pulumi:prod::shop::my:index:App$aws:sns/topic:Topic::news::letter"
    facts = read(f"Updating (prod):\n +  {urn} **creating failed** error: no\n")
    assert failed(facts) == [("aws:sns/topic:Topic", "news::letter", "create")]


def test_what_the_program_reads_stands_on_the_stack_s_row() -> None:
    facts = read(
        "Updating (prod):\n"
        "    pulumi:pulumi:Stack shop-prod running read aws:sns:Topic old news\n"
        "    aws:sns:Topic old news **failed** 1 error\n"
    )
    assert failed(facts) == [("aws:sns:Topic", "old news", "read")]


# -- `--diff`


def diff(*lines: str, steps: tuple[str, ...]) -> Facts:
    told = [
        f"    {step}\n        [urn={TOPIC}]\n      ~ label: 1 => 2\n"
        f'        --outputs:--\n        error: "error: preview failed"\n'
        for step in steps
    ]
    return read("\n".join(["Updating (prod):", *told, *lines, ""]))


def test_values_that_a_step_brought_forth_are_no_errors() -> None:
    facts = diff(
        "Resources:", "    ~ 1 updated", "Duration: 2s", steps=("~ aws:sns/topic:Topic: (update)",)
    )
    assert facts.outcome is Outcome.SUCCEEDED
    [change] = facts.changes
    assert [each.path for each in change.properties] == ["label"]


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        ("creating SNS Topic (news): api error Taken: no", "create-replacement"),
        ("deleting SNS Topic (news): api error Busy: no", "delete-replaced"),
        ("api error Busy: no", "replace"),
    ],
)
def test_a_replacement_that_is_printed_is_half_done(message: str, operation: str) -> None:
    facts = diff(
        f"error: {message}", "error: update failed", steps=("+-aws:sns/topic:Topic: (replace)",)
    )
    assert failed(facts) == [("aws:sns/topic:Topic", "news", operation)]
    assert [(c.name, c.means) for c in facts.changes] == [("news", Meaning.REPLACE)]


def test_a_step_that_failed_changed_nothing() -> None:
    facts = diff("error: api error Busy: no", steps=("~ aws:sns/topic:Topic: (update)",))
    assert facts.changes == ()


# -- interrupts


LOGGED = "    aws:sns:Topic news **updating failed** error: api error Taken: no\n"
STOPPED = "^C received; cancelling. If you would like to terminate immediately, press ^C again.\n"


def test_what_failed_before_an_interrupt_is_the_cause() -> None:
    facts = read(f"Updating (prod):\n{LOGGED}{STOPPED}Duration: 3s\n")
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause
    assert "Taken" in facts.root_cause.headline
    told = events(*fails("update", "api error Taken: no"), INTERRUPT, summary("failed"))
    assert told.outcome is Outcome.FAILED


def test_what_fails_after_an_interrupt_is_its_doing() -> None:
    facts = read(f"Updating (prod):\n{STOPPED}{LOGGED}Duration: 3s\n")
    assert facts.outcome is Outcome.CANCELLED
    told = events(INTERRUPT, *fails("update", "api error Taken: no"), summary("failed"))
    assert told.outcome is Outcome.CANCELLED
    assert failed(told) == [("aws:sns/topic:Topic", "news", "update")]


def test_an_interrupted_run_is_no_success_whatever_it_could_end() -> None:
    assert (
        events(begins("delete"), INTERRUPT, ends("delete"), summary("succeeded", delete=1)).outcome
        is Outcome.CANCELLED
    )


# -- kinds


def test_a_destroy_that_leaves_something_out_runs_no_program() -> None:
    told = (begins("same", STACK), begins("delete"), ends("delete"))
    done = summary("succeeded", delete=1, same=1)
    assert events(*told, done).kind is UpdateKind.DESTROY
    assert events(*told, ends("same", STACK), done).kind is UpdateKind.UPDATE
    assert events(*told, error("no"), summary("failed", delete=1)).kind is UpdateKind.DESTROY


def test_a_program_that_failed_early_was_no_destroy() -> None:
    told = (begins("same", STACK), error("no such file"), summary("failed", same=1))
    assert events(*told).kind is UpdateKind.UPDATE


def test_nothing_but_a_destroy_deletes_the_stack() -> None:
    told = (begins("same", STACK), begins("same"), ends("same"), begins("delete"), ends("delete"))
    done = (begins("delete", STACK), ends("delete", STACK), ends("same", STACK))
    assert events(*told, *done, summary("succeeded", delete=2, same=2)).kind is UpdateKind.DESTROY


def test_a_refresh_that_runs_the_program_is_a_refresh() -> None:
    told = (begins("refresh", STACK), begins("same", STACK), begins("refresh"), ends("same"))
    done = (ends("same", STACK), summary("succeeded", same=2))
    assert events(*told, *done).kind is UpdateKind.REFRESH
    assert events(*told, begins("same"), ends("same"), *done).kind is UpdateKind.UPDATE


def test_a_run_without_a_step_destroyed_nothing() -> None:
    assert events({"preludeEvent": {}}, summary("succeeded")).kind is UpdateKind.DESTROY


# -- errors that are none, and names that are none


def test_an_error_that_was_only_logged_is_a_warning() -> None:
    told = (begins("create"), error("api error Untagged: no owner", TOPIC), ends("create"))
    facts = events(*told, summary("succeeded", create=1))
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.failures == ()
    assert [warning.message for warning in facts.warnings] == ["api error Untagged: no owner"]


def test_the_display_s_word_for_a_logged_error_contradicts_nothing() -> None:
    told = (begins("create"), error("api error Untagged: no owner", TOPIC), ends("create"))
    facts = events(*told, summary("succeeded", create=1))
    shown = (
        "Updating (prod):\n +  pulumi:pulumi:Stack shop-prod created (1s)\n"
        " +  aws:sns:Topic news **creating failed** error: {}\n"
    )
    known, other = read(shown.format("api error Untagged: no owner")), read(shown.format("other"))
    assert merge_facts([facts, known]).outcome is Outcome.SUCCEEDED
    assert merge_facts([facts, other]).outcome is Outcome.FAILED


def test_an_error_after_the_end_of_a_step_is_about_that_step() -> None:
    facts = events(
        begins("create"), ends("create"), error("registered twice", TOPIC), summary("failed")
    )
    assert failed(facts) == [("aws:sns/topic:Topic", "news", "create")]


@pytest.mark.parametrize(
    "message",
    [
        f"Target '{TOPIC}' could not be found in the stack.",
        f"no resource named '{TOPIC}' found",
    ],
)
def test_what_is_not_in_the_stack_did_not_fail(message: str) -> None:
    assert failed(read(f"Updating (prod):\nerror: {message}\n")) == []
    assert failed(events(error(message), summary("failed"))) == []


def test_the_cause_of_a_violation_is_what_the_policy_says() -> None:
    facts = read(
        "Updating (prod):\nPolicies:\n    ❌ rules@v1.0.0\n"
        "        - [mandatory]  owned  (aws:sns:Topic: news)\n          A topic has an owner.\n"
    )
    assert facts.root_cause
    assert facts.root_cause.headline == (
        "[mandatory]  owned  (aws:sns:Topic: news) A topic has an owner."
    )


def test_a_step_of_a_digest_is_the_operation_of_its_error() -> None:
    step = {"op": "update", "urn": TOPIC}
    said = {"urn": TOPIC, "message": "error: no such label", "severity": "error"}
    digest = {"steps": [step], "diagnostics": [said], "changeSummary": {"update": 1}}
    for log in (json.dumps(digest), json.dumps(digest, indent=4)):
        assert failed(read(f"{log}\n")) == [("aws:sns/topic:Topic", "news", "update")]


def test_an_internal_error_s_announcement_yields_to_the_statement() -> None:
    facts = read(
        "Updating (prod):\nerror: The tool encountered a lost page error. This is a bug!\n\n"
        "Error:      lost page: page 7 of the state is gone\n"
    )
    assert facts.root_cause
    assert facts.root_cause.headline == "lost page: page 7 of the state is gone"


def test_a_log_that_is_cut_before_its_violations_is_no_success() -> None:
    log = "Updating (prod):\n +  pulumi:pulumi:Stack shop-prod created (1s)\nPolicies:\n"
    assert read(log).outcome is Outcome.UNKNOWN
    assert (
        read(f"{log}    ✅ rules@v1.0.0\nResources:\n    + 1 created\nDuration: 1s\n").outcome
        is Outcome.SUCCEEDED
    )


def test_what_an_earlier_run_left_unready_is_no_error_of_this_one() -> None:
    step = {"op": "update", "urn": TOPIC, "old": {"initErrors": ["was not ready"]}, "new": {}}
    told = (error("api error Taken: no", TOPIC), {"resOpFailedEvent": {"metadata": step}})
    [failure] = events(*told, summary("failed")).failures
    assert failure.headline == "api error Taken: no"


@pytest.mark.parametrize(
    "message", ["update canceled: it was taken", "^C received; cancelling. No."]
)
def test_a_provider_s_word_for_an_end_is_not_the_engine_s(message: str) -> None:
    log = f"Updating (prod):\n +  aws:sns:Topic news **creating failed** error: {message}\n"
    assert read(log).outcome is Outcome.FAILED
    assert events(*fails("create", message), summary("failed")).outcome is Outcome.FAILED
    assert events(error("update canceled"), summary("failed")).outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    "printed",
    [
        "^C received; cancelling. Press ^C again to end at once.",
        "Destroying (other):\n     -  aws:sns:Topic news **deleting failed** error: no",
        "Diagnostics:\n      aws:sns:Topic (news):\n        error: no",
    ],
)
def test_the_display_s_words_within_a_message_are_a_message(printed: str) -> None:
    facts = read(
        "Updating (prod):\n +  pulumi:pulumi:Stack shop-prod created (1s)\n"
        f" +  aws:sns:Topic news created (1s)\nDiagnostics:\n  aws:sns:Topic (news):\n    {printed}\n"
        "Resources:\n    + 2 created\nDuration: 1s\n"
    )
    assert (facts.outcome, facts.kind) == (Outcome.SUCCEEDED, UpdateKind.UPDATE)
    assert failed(facts) == []


HOST = (
    "Error: sise does not exist on disk\n\n  on Main.yaml line 9:\n\n   9:   value: ${disk.sise}\n"
)


def test_the_yaml_host_s_error_stands_between_the_steps_of_a_diff() -> None:
    facts = read(f"Previewing update (prod):\n{HOST}Resources:\n    1 unchanged\n")
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause
    assert facts.root_cause.headline == "sise does not exist on disk"
    assert facts.root_cause.location
    assert (facts.root_cause.location.file, facts.root_cause.location.line) == ("Main.yaml", 9)


def test_the_yaml_host_s_error_stands_in_a_digest_line_by_line() -> None:
    said = [{"message": f"{line}\n", "severity": "info#err"} for line in HOST.split("\n")]
    digest = {"steps": [], "diagnostics": said, "changeSummary": {"create": 1}}
    other = {"steps": [], "diagnostics": said[:1], "changeSummary": {"create": 1}}
    for indent in (None, 4):
        assert read(f"{json.dumps(digest, indent=indent)}\n").outcome is Outcome.FAILED
        assert read(f"{json.dumps(other, indent=indent)}\n").outcome is Outcome.SUCCEEDED


def test_a_diff_shows_a_violation_on_one_line() -> None:
    facts = read(
        "Updating (prod):\n"
        "    rules@v1.0.0 [advisory]  named  (aws:sns:Topic: news)A topic has a name.\n"
        "    rules@v1.0.0 [mandatory]  owned  (aws:sns:Topic: news)A topic has an owner.\n"
        "Resources:\n    + 1 created\nDuration: 1s\n"
    )
    assert facts.outcome is Outcome.FAILED
    assert failed(facts) == [("aws:sns:Topic", "news", "")]
    assert [(v.enforcement, v.policy) for v in facts.policy_violations] == [
        ("advisory", "named"),
        ("mandatory", "owned"),
    ]


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("creating Topic (news):\n\napi error Taken: no", "api error Taken: no"),
        ('403 Forbidden: {\n  "error": {\n    "message": "not yours"\n  }\n}', "not yours"),
    ],
)
def test_a_line_that_opens_another_is_completed_by_it(message: str, cause: str) -> None:
    facts = events(*fails("create", message), summary("failed"))
    assert facts.root_cause
    assert cause in facts.root_cause.headline


# -- which step of `--diff` failed


def steps(*names: str, op: str = "create", lock: str = "") -> str:
    return "".join(
        f"    + aws:sns/topic:Topic: ({op}){lock}\n"
        f"        [urn=urn:pulumi:prod::shop::aws:sns/topic:Topic::{name}]\n"
        for name in names
    )


def test_steps_run_side_by_side_and_the_message_says_which_failed() -> None:
    said = "error: creating SNS Topic (one-0a1b2c3): api error Taken: no\n"
    facts = read(f"Updating (prod):\n{steps('one', 'two')}{said}")
    assert failed(facts) == [("aws:sns/topic:Topic", "one", "create")]


def test_no_step_is_named_where_any_of_them_may_have_failed() -> None:
    facts = read(f"Updating (prod):\n{steps('one', 'two')}error: api error Taken: no\n")
    assert (facts.outcome, failed(facts)) == (Outcome.FAILED, [])


def test_the_step_that_has_failed_does_not_fail_again() -> None:
    told = f"{steps('one')}error: api error Taken: no\n{steps('two')}error: api error Busy: no\n"
    assert [name for _, name, _ in failed(read(f"Updating (prod):\n{told}"))] == ["one", "two"]


def test_a_refresh_is_printed_when_it_has_ended_so_no_error_is_its_own() -> None:
    facts = read(f"Refreshing (prod):\n{steps('one', op='refresh')}error: api error Denied: no\n")
    assert failed(facts) == []


def test_a_lock_marks_a_step_of_a_protected_resource() -> None:
    log = f"Previewing update (prod):\n{steps('one', op='delete', lock=' 🔒')}Resources:\n    - 1 to delete\n"
    assert [(c.name, c.means) for c in read(log).changes] == [("one", Meaning.DELETE)]


def test_a_step_of_a_diff_may_be_a_urn() -> None:
    log = f"Previewing update (prod):\n    ~ {TOPIC}: (update)\n        [id=7]\n      ~ label: 1 => 2\n"
    [change] = read(f"{log}Resources:\n    ~ 1 to update\n").changes
    assert (change.type, change.name, change.diffs) == ("aws:sns/topic:Topic", "news", ("label",))


def test_what_fails_in_a_preview_is_not_planned() -> None:
    facts = read(
        "Previewing destroy (prod):\n -  aws:sns:Topic one delete \n -  aws:sns:Topic two delete 1 error\n"
    )
    assert [change.name for change in facts.changes] == ["one"]


def test_the_sign_of_a_row_says_which_half_of_a_replacement_failed() -> None:
    facts = read("Previewing update (prod):\n ++ aws:sns:Topic news replace [diff: ~a]; 1 error\n")
    assert failed(facts) == [("aws:sns:Topic", "news", "create-replacement")]


@pytest.mark.parametrize(
    "message", ['topics "one" is forbidden', "projects/p/topics/one-0a1b2c3/labels: no", "no (one)"]
)
def test_a_provider_marks_the_name_of_what_failed(message: str) -> None:
    facts = read(f"Updating (prod):\n{steps('one', 'two')}error: {message}\n")
    assert [name for _, name, _ in failed(facts)] == ["one"]


def test_a_new_one_that_failed_is_not_mended_by_the_end_of_the_old_one() -> None:
    facts = read(
        "Updating (prod):\n +  aws:sns:Topic news **creating failed** error: api error Taken: no\n"
        " -  aws:sns:Topic news deleting (0s)\n -  aws:sns:Topic news deleted (1s)\n"
        "Diagnostics:\n  aws:sns:Topic (news):\n    error: api error Taken: no\n"
    )
    assert failed(facts) == [("aws:sns:Topic", "news", "create")]
    assert [(c.name, c.means) for c in facts.changes] == [("news", Meaning.DELETE)]


def test_a_quoted_urn_ends_with_its_quotation() -> None:
    urn = "urn:pulumi:prod::shop::aws:sns/topic:Topic::old news (2)"
    facts = read(f'Updating (prod):\nerror: resource "{urn}" cannot be deleted\n')
    assert failed(facts) == [("aws:sns/topic:Topic", "old news (2)", "delete")]


def test_failures_stand_in_the_order_of_time_not_of_the_diagnostics() -> None:
    facts = read(
        "Updating (prod):\n +  aws:sns:Topic late creating (0s)\n"
        " +  aws:sns:Topic early **creating failed** error: api error Taken: no\n"
        " +  aws:sns:Topic late **creating failed** error: api error Busy: no\n"
        "Diagnostics:\n  aws:sns:Topic (late):\n    error: api error Busy: no\n"
        "  aws:sns:Topic (early):\n    error: api error Taken: no\n"
    )
    assert [name for _, name, _ in failed(facts)] == ["early", "late"]


def test_a_count_of_errors_ends_a_name_too() -> None:
    facts = read("Previewing destroy (prod):\n -  aws:sns:Topic old news (2) delete 1 error\n")
    assert failed(facts) == [("aws:sns:Topic", "old news (2)", "delete")]
