"""What a run really did: what only was logged, what stayed, what was lost, what came last."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upshot.evidence import accounts_from_console, facts_from_console, facts_from_events
from upshot.model import Facts, Meaning, Outcome, ResourceChange, UpdateKind
from upshot.verdict.gaps import describe_gap

STACK = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
TOPIC = "urn:pulumi:prod::shop::aws:sns/topic:Topic::news"
ROLE = "urn:pulumi:prod::shop::aws:iam/role:Role::ci"
Event = dict[str, Any]


def read(log: str) -> Facts:
    return facts_from_console([log.encode()])


def events(*payloads: Event) -> Facts:
    return facts_from_events([json.dumps(each).encode() for each in payloads])


def as_lines(*payloads: Event) -> str:
    return "".join(f"{json.dumps({'sequence': n, **each})}\n" for n, each in enumerate(payloads))


def step(kind: str, op: str, urn: str = TOPIC, **old: Any) -> Event:
    metadata = {"op": op, "urn": urn, "type": urn.split("::")[2], "old": old or None}
    return {kind: {"metadata": metadata}}


def begins(op: str, urn: str = TOPIC) -> Event:
    return step("resourcePreEvent", op, urn)


def ends(op: str, urn: str = TOPIC, **old: Any) -> Event:
    return step("resOutputsEvent", op, urn, **old)


def fails(op: str, message: str, urn: str = TOPIC) -> tuple[Event, Event]:
    return error(message, urn), {"resOpFailedEvent": {"metadata": {"op": op, "urn": urn}}}


def error(message: str, urn: str = "") -> Event:
    return {"diagnosticEvent": {"message": message, "severity": "error", "urn": urn}}


def summary(result: str, *, imports: int = 0, is_preview: bool = False, **changes: int) -> Event:
    counts = changes | ({"import": imports} if imports else {})
    told = {"resourceChanges": counts, "result": result, "isPreview": is_preview}
    return {"summaryEvent": {"durationSeconds": 3, **told}}


def failed(facts: Facts) -> list[str]:
    return [failure.name for failure in facts.failed_resources]


def changed(facts: Facts, meaning: Meaning) -> list[str]:
    return [change.name for change in facts.changes if change.means is meaning]


# -- an error that was only logged


def test_a_resource_that_was_made_after_its_error_has_not_failed() -> None:
    facts = events(
        begins("create", ROLE),
        error("the tags could not be read: api error AccessDenied: no", ROLE),
        ends("create", ROLE),
        *fails("create", "api error TopicLimitExceeded: no more"),
        summary("failed"),
    )
    assert failed(facts) == ["news"]
    assert facts.root_cause
    assert facts.root_cause.headline == "api error TopicLimitExceeded: no more"
    assert [warning.urn for warning in facts.warnings] == [ROLE]


def test_where_nothing_else_failed_the_logged_error_is_the_failure() -> None:
    facts = events(begins("create"), error("no", TOPIC), ends("create"), summary("failed"))
    assert failed(facts) == ["news"]


def test_a_resource_that_is_registered_again_has_failed() -> None:
    facts = events(
        ends("create", ROLE),
        error(f"Duplicate resource URN '{ROLE}'; try giving it a unique name", ROLE),
        *fails("create", "no"),
        summary("failed"),
    )
    assert failed(facts) == ["ci", "news"]


ROWS = """\
Updating (prod):
 +  aws:iam:Role ci **creating failed{time}** error: the tags could not be read
 +  aws:sns:Topic news **creating failed** error: api error TopicLimitExceeded: no more
Diagnostics:
  aws:iam:Role (ci):
    error: the tags could not be read
  aws:sns:Topic (news):
    error: api error TopicLimitExceeded: no more
Resources:
    2 errored
Duration: 1s
"""


@pytest.mark.parametrize(("time", "names"), [(" (0.01s)", ["news"]), ("", ["ci", "news"])])
def test_a_row_that_failed_and_has_a_time_ended_well(time: str, names: list[str]) -> None:
    """Unless nothing else failed: see the next test."""
    assert failed(read(ROWS.format(time=time))) == names


def test_a_row_with_a_time_failed_where_no_other_did() -> None:
    log = "Updating (prod):\n +  aws:iam:Role ci **creating failed (3s)** error: no\n"
    assert failed(read(log)) == ["ci"]


# -- what stays, and what is lost


def test_what_is_retained_is_not_deleted() -> None:
    facts = events(
        begins("delete", ROLE),
        ends("delete", ROLE, retainOnDelete=True),
        ends("delete"),
        summary("succeeded", delete=2, same=1),
    )
    assert changed(facts, Meaning.DELETE) == ["news"]
    assert ("ci", "retain") in [(change.name, change.operation) for change in facts.changes]
    assert describe_gap(facts) == ""


def test_a_row_says_that_its_resource_is_retained() -> None:
    facts = read(
        "Updating (prod):\n -  aws:iam:Role ci deleting (0s)[retain]\n"
        " -  aws:iam:Role ci deleted (0.01s)[retain]\n -  aws:sns:Topic news deleted (1s)\n"
    )
    assert changed(facts, Meaning.DELETE) == ["news"]


EARLY = (
    begins("delete-replaced", ROLE),
    ends("delete-replaced", ROLE, id="a"),
    begins("delete-replaced"),
    ends("delete-replaced", id="b"),
    ends("replace", id="b"),
)


def test_what_was_deleted_for_a_replacement_that_was_not_made_is_lost() -> None:
    """Also what depends on it, whose own replacement was never begun."""
    facts = events(*EARLY, *fails("create-replacement", "no"), summary("failed"))
    assert changed(facts, Meaning.DELETE) == ["ci", "news"]
    assert changed(facts, Meaning.REPLACE) == []


def test_what_was_made_anew_is_replaced() -> None:
    made = (ends("create-replacement"), ends("create-replacement", ROLE))
    facts = events(*EARLY, *made, *fails("update", "no", STACK), summary("failed"))
    assert changed(facts, Meaning.REPLACE) == ["ci", "news"]


def test_what_an_earlier_run_left_to_be_deleted_is_not_lost() -> None:
    facts = events(ends("delete-replaced", delete=True), *fails("update", "no", ROLE))
    assert changed(facts, Meaning.DELETE) == []


ROW_BY_ROW = """\
Updating (prod):
 -- aws:iam:Role ci deleting original (0s)
 -- aws:iam:Role ci deleted original (0.00s)
 -- aws:sns:Topic news deleted original (0.00s)
 +- aws:sns:Topic news replaced (0.00s) [diff: ~label]
 ++ aws:sns:Topic news creating replacement (0s) [diff: ~label]
{end}
"""


def test_rows_tell_what_is_lost() -> None:
    end = " ++ aws:sns:Topic news **creating failed** [diff: ~label]; error: no"
    facts = read(ROW_BY_ROW.format(end=end))
    assert changed(facts, Meaning.DELETE) == ["ci", "news"]


def test_rows_tell_what_is_replaced() -> None:
    end = (
        " ++ aws:sns:Topic news created replacement (1s) [diff: ~label]\n"
        " ++ aws:iam:Role ci created replacement (1s)\n"
        "Resources:\n    +-2 replaced\nDuration: 2s"
    )
    facts = read(ROW_BY_ROW.format(end=end))
    assert changed(facts, Meaning.REPLACE) == ["ci", "news"]


def test_a_step_that_was_interrupted_changed_nothing() -> None:
    facts = read(
        "Destroying (prod):\n -  aws:sns:Topic news deleting (0s)\n"
        "^C received; cancelling.\n -  aws:sns:Topic news deleting (interrupted)\n"
    )
    assert changed(facts, Meaning.DELETE) == []


def test_half_a_replacement_is_a_resource_that_is_deleted() -> None:
    half = ResourceChange(TOPIC, "aws:sns/topic:Topic", "news", "delete-replaced")
    assert half.means is Meaning.DELETE


# -- how it ended


@pytest.mark.parametrize("signal", ["^C", "SIGTERM", "SIGHUP"])
def test_any_signal_cancels_a_run(signal: str) -> None:
    said = (
        f"{signal} received; cancelling. If you would like to terminate immediately, do it again.\n"
    )
    interrupt = {"stdoutEvent": {"message": said}}
    assert events(ends("delete"), interrupt, summary("succeeded")).outcome is Outcome.CANCELLED
    log = f"Destroying (prod):\n -  aws:sns:Topic news deleting (0s)\n{said}"
    assert read(log).outcome is Outcome.CANCELLED


GOOD = (ends("create"), ends("same", STACK), summary("succeeded", create=1, same=1))
BAD = """\
Updating (prod):

 +  aws:sns:Topic news **creating failed** error: api error AccessDenied: no
Resources:
    1 errored

Duration: 1s

"""


def test_the_last_error_of_the_cli_after_events_fails_the_run() -> None:
    log = as_lines(*GOOD) + "\nerror: no changes were expected but changes were proposed\n"
    facts = read(log)
    assert (facts.outcome, facts.failed_afterwards) == (Outcome.FAILED, True)


def test_an_error_of_another_tool_after_events_does_not() -> None:
    log = as_lines(*GOOD) + "now the tests run\nerror: 3 tests failed\n"
    assert read(log).outcome is Outcome.SUCCEEDED


def test_events_after_a_display_are_another_try() -> None:
    (account,) = accounts_from_console([(BAD + as_lines(*GOOD)).encode()])
    assert (account.outcome, account.retried) == (Outcome.SUCCEEDED, 1)
    assert failed(account) == []


def test_a_display_after_events_is_another_try() -> None:
    lost = (*fails("create", "no"), summary("failed"))
    log = as_lines(begins("create"), *lost) + BAD
    assert [f.headline for f in read(log).failures][-1:] == ["api error AccessDenied: no"]


def test_events_that_a_job_prints_after_the_display_are_no_other_try() -> None:
    told = (begins("create"), *fails("create", "api error AccessDenied: no"), summary("failed"))
    (account,) = accounts_from_console([(BAD + as_lines(*told)).encode()])
    assert (account.outcome, account.retried) == (Outcome.FAILED, 0)


# -- what kind of run it was


def test_an_import_makes_the_stack_where_there_is_none() -> None:
    facts = events(
        begins("create", STACK),
        begins("import"),
        ends("import"),
        summary("succeeded", create=1, imports=1),
    )
    assert facts.kind is UpdateKind.IMPORT


def test_an_update_that_only_imports_registers_the_outputs_of_its_stack() -> None:
    facts = events(
        begins("create", STACK),
        begins("import"),
        ends("import"),
        ends("create", STACK),
        summary("succeeded", create=1, imports=1),
    )
    assert facts.kind is UpdateKind.UPDATE


def test_a_preview_that_was_stopped_in_its_refresh_is_a_preview() -> None:
    begun = step("resourcePreEvent", "refresh")
    begun["resourcePreEvent"]["planning"] = True
    assert events(begun).kind is UpdateKind.PREVIEW
    assert events(begun, summary("succeeded", is_preview=True)).kind is UpdateKind.REFRESH


def test_a_preview_that_failed_after_its_refresh_is_a_preview() -> None:
    told = (begins("refresh"), ends("refresh"), begins("same", STACK), error("no", ROLE))
    assert events(*told, summary("failed", is_preview=True)).kind is UpdateKind.PREVIEW
    assert events(begins("refresh"), error("no"), summary("failed")).kind is UpdateKind.REFRESH


def test_a_destroy_deletes_what_was_left_to_be_deleted_too() -> None:
    facts = events(
        begins("delete", ROLE),
        ends("delete", ROLE),
        begins("delete-replaced"),
        *fails("delete-replaced", "no"),
        summary("failed", delete=1),
    )
    assert facts.kind is UpdateKind.DESTROY


# -- a component


@pytest.mark.parametrize("problem", ["resource news failed", "the client connection is closing"])
def test_a_component_has_not_failed_because_its_child_did(problem: str) -> None:
    said = f"acme:index:Site resource 'web' has a problem: {problem}"
    facts = events(*fails("create", "no"), error(said), summary("failed"))
    assert failed(facts) == ["news"]


CONFIGURE = (
    "could not load provider for resource urn:pulumi:prod::shop::acme:index:Zone::z: could not create provider "
    "urn:pulumi:prod::shop::pulumi:providers:acme::{name}::7a: configure provider "
    "'urn:pulumi:prod::shop::pulumi:providers:acme::{name}': credentials are not set"
)


@pytest.mark.parametrize("head", ["", "  pulumi:pulumi:Stack (shop-prod):\n    "])
def test_a_provider_that_cannot_be_configured_has_failed(head: str) -> None:
    facts = read(f"Diagnostics:\n{head}error: {CONFIGURE.format(name='old')}\n")
    assert failed(facts) == ["old"]


def test_a_default_provider_under_the_stack_is_no_resource_of_the_users() -> None:
    said = CONFIGURE.format(name="default_1_0")
    facts = read(f"Diagnostics:\n  pulumi:pulumi:Stack (shop-prod):\n    error: {said}\n")
    assert failed(facts) == ["shop-prod"]


def test_a_component_that_refuses_its_arguments_has_failed() -> None:
    said = "acme:index:Site resource 'web' has a problem: the domain is missing"
    assert failed(events(error(said), summary("failed"))) == ["web"]


# -- which step of `--diff` failed


def diff_step(type_: str, name: str, op: str = "create") -> str:
    urn = f"urn:pulumi:prod::shop::{type_}::{name}"
    return f"    + {type_}: ({op})\n        [urn={urn}]\n"


TOPIC_TYPE, ROLE_TYPE = "aws:sns/topic:Topic", "aws:iam/role:Role"
GROUP_TYPE = "aws:ec2/securityGroup:SecurityGroup"


@pytest.mark.parametrize(
    ("steps", "message", "names"),
    [
        # Several have the name: the type says which.
        ([(TOPIC_TYPE, "web"), (ROLE_TYPE, "web")], "creating IAM Role (web): no", [(ROLE_TYPE, "web")]),
        ([(TOPIC_TYPE, "web"), (ROLE_TYPE, "web")], "1 error occurred:\n\t* creating IAM Role (web): no", [(ROLE_TYPE, "web")]),
        # The name is an identifier of the provider's: the type alone is enough, where it is one's own.
        ([(TOPIC_TYPE, "one"), (GROUP_TYPE, "two")], "creating Security Group (sg-1): no", [(GROUP_TYPE, "two")]),
        ([(GROUP_TYPE, "one"), (GROUP_TYPE, "two")], "creating Security Group (sg-1): no", []),
        # The last name of a path is the object's.
        ([(TOPIC_TYPE, "space"), (ROLE_TYPE, "pod")], 'creation of resource "space/pod" failed', [(ROLE_TYPE, "pod")]),
        ([(TOPIC_TYPE, "one"), (ROLE_TYPE, "two")], "failed to update settings for two: no", [(ROLE_TYPE, "two")]),
        # A clause that says what was tried: its type alone, or with a name that nothing marks.
        ([(TOPIC_TYPE, "one"), (ROLE_TYPE, "two")], "Error waiting for topic to create: no", [(TOPIC_TYPE, "one")]),
        ([(TOPIC_TYPE, "one"), (TOPIC_TYPE, "two")], "Unable to start topic: endpoint two (0b6c) no", [(TOPIC_TYPE, "two")]),
        ([(TOPIC_TYPE, "one"), (TOPIC_TYPE, "two")], "Unable to start topic: no", []),
        ([(TOPIC_TYPE, "one"), (ROLE_TYPE, "two")], "Unable to find role: no", []),
        # The call that was refused, or its API.
        ([(TOPIC_TYPE, "one"), (ROLE_TYPE, "two")], "operation error SNS: CreateTopic, https response error StatusCode: 403", [(TOPIC_TYPE, "one")]),
        ([(TOPIC_TYPE, "one"), (ROLE_TYPE, "two")], "operation error STS: GetCallerIdentity, no", []),
        ([("gcp:compute/network:Network", "net"), ("gcp:container/cluster:Cluster", "gke")], "googleapi: Error 403: disabled. Visit https://a.example/container.googleapis.com/overview", [("gcp:container/cluster:Cluster", "gke")]),
        # The last to begin, where the message says more of it than of another; never what it looked for.
        ([(ROLE_TYPE, "one"), (GROUP_TYPE, "two")], "waiting for Security Group (sg-1) create: timeout", [(GROUP_TYPE, "two")]),
        ([(GROUP_TYPE, "two"), (ROLE_TYPE, "one")], "waiting for Security Group (sg-1) create: timeout", []),
        ([(ROLE_TYPE, "one"), ("aws:s3/bucket:Bucket", "two")], "acme-two is there (Service: S3, Status Code: 0)", [("aws:s3/bucket:Bucket", "two")]),
        ([(ROLE_TYPE, "one"), (GROUP_TYPE, "two")], "the Security Group was not found", []),
        # What a provider says that cannot be configured is about it, and about no resource's step.
        ([("pulumi:providers:aws", "eu"), (ROLE_TYPE, "ci")], "unable to validate AWS credentials.\nDetails: no", [("pulumi:providers:aws", "eu")]),
        ([("pulumi:providers:aws", "eu"), ("pulumi:providers:gcp", "us")], "no gcp credentials configured", [("pulumi:providers:gcp", "us")]),
        ([(ROLE_TYPE, "ci")], "invalid credentials configured", []),
        # A message about another kind of step, and about what an import did not find.
        ([(TOPIC_TYPE, "one")], "deleting Security Group (sg-1): no", []),
        ([(TOPIC_TYPE, "one")], "resource '/some/where' does not exist", []),
    ],
)  # fmt: skip
def test_a_message_names_its_step_by_name_or_type(
    steps: list[tuple[str, str]], message: str, names: list[tuple[str, str]]
) -> None:
    told = "".join(diff_step(*each) for each in steps)
    facts = read(f"Updating (prod):\n{told}error: {message}\nerror: update failed\n")
    assert [(f.type, f.name) for f in facts.failed_resources] == names


def test_a_message_that_a_provider_logs_and_returns_is_about_one_step() -> None:
    said = "creating SNS Topic (news): api error Taken: no"
    steps = diff_step(ROLE_TYPE, "ci") + diff_step(TOPIC_TYPE, "news")
    logged = f"error: sdk-v2/provider2.go:572: sdk.helper_schema: {said}: provider=aws@7.9.0\n"
    facts = read(f"Updating (prod):\n{steps}{logged}error: 1 error occurred:\n\t* {said}\n")
    assert failed(facts) == ["news"]
    # What repeats a message that is about no step for sure is about none, either.
    steps += diff_step(GROUP_TYPE, "edge")
    twice = "error: the region is away\nerror: 1 error occurred:\n\t* the region is away\n"
    facts = read(f"Updating (prod):\n{steps}error: {said}\n{twice}")
    assert failed(facts) == ["news"]


def test_last_words_of_a_program_are_none_of_the_engine() -> None:
    steps = f"{diff_step(TOPIC_TYPE, 'news')}error: update failed\n{diff_step(ROLE_TYPE, 'ci')}"
    ending = "Resources:\n    + 2 created\n\nDuration: 1s\n"
    assert read(f"Updating (prod):\npanic: again\n{steps}{ending}").outcome is Outcome.SUCCEEDED
    # The engine's own stand after every step, and after any error.
    assert read(f"Updating (prod):\n{steps}error: update failed\n").outcome is Outcome.FAILED
    assert read(f"Updating (prod):\nerror: no\n{steps}").outcome is Outcome.FAILED


def test_a_read_is_a_step_that_may_fail() -> None:
    told = diff_step(ROLE_TYPE, "ci", "read")
    facts = read(f"Updating (prod):\n{told}error: reading IAM Role (ci-7): no\n")
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("ci", "read")]


def test_a_property_that_is_refused_names_its_resource() -> None:
    said = "error: acme:index:Map resource 'quota': property spec value {<nil>} has a problem: no\n"
    facts = read(f"Previewing update (prod):\n{diff_step(ROLE_TYPE, 'ci')}{said}")
    assert failed(facts) == ["quota"]


def test_what_an_import_failed_for_is_an_import() -> None:
    said = f"resource '{ROLE}' already exists"
    facts = read(f"Importing (prod):\nerror: {said}\nerror: update failed: {said}\n")
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("ci", "import")]


def test_a_run_of_the_first_versions_is_whole_from_its_heading_to_its_duration() -> None:
    steps = diff_step(ROLE_TYPE, "ci") + diff_step(TOPIC_TYPE, "news")
    ending = "info: 2 changes performed:\n    + 2 resources created\nUpdate duration: 1m4.9s\n"
    facts = read(f"Performing changes:\n{steps}{ending}")
    assert (facts.outcome, facts.kind) == (Outcome.SUCCEEDED, UpdateKind.UPDATE)
    assert facts.counts == {"create": 2}
    cut = f"Performing changes:\n{steps}        ---outputs:---\n        id: 7\n"
    assert read(cut).outcome is Outcome.UNKNOWN  # they are a step's outputs, and not the stack's


def test_a_panic_fails_no_resource_that_its_values_hold() -> None:
    facts = read(
        f"Updating (prod):\npanic: fatal: unknown severity {{off {ROLE} }}\n\ngoroutine 7 [running]:\n"
    )
    assert (facts.outcome, failed(facts)) == (Outcome.FAILED, [])
