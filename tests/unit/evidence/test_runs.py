"""Several runs of the engine in one log: what counts of each stack."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from upshot.evidence import accounts_from_console, accounts_from_events
from upshot.evidence.runs import by_stack
from upshot.model import Facts, Outcome, StackRef, UpdateKind

PREVIEW = """\
Previewing update ({stack})

View Live: https://app.pulumi.com/acme/web/{stack}/previews/0b4cf1a7-4c3e-4a49-8d43-9a8f2f1f0f11

     Type                 Name            Plan
     pulumi:pulumi:Stack  web-{stack}
 +   └─ aws:s3:Bucket     assets          create

Resources:
    + 1 to create
    1 unchanged

"""
UPDATED = """\
Updating ({stack})

View Live: https://app.pulumi.com/acme/web/{stack}/updates/41

     Type                 Name            Status
     pulumi:pulumi:Stack  web-{stack}
 +   └─ aws:s3:Bucket     assets          created (1s)

Resources:
    + 1 created
    1 unchanged

Duration: 3s

"""
FAILED = """\
Updating ({stack})

View Live: https://app.pulumi.com/acme/web/{stack}/updates/40

     Type                 Name            Status
     pulumi:pulumi:Stack  web-{stack}     **failed** 1 error
 +   └─ aws:s3:Bucket     assets          **creating failed**

Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): AccessDenied: no

Resources:
    1 unchanged

Duration: 2s

"""
LOCKED = "error: [409] Conflict: Another update is currently in progress.\n"


def accounts(*texts: str, stack: str = "dev") -> tuple[Facts, ...]:
    return accounts_from_console([text.format(stack=stack).encode() for text in texts])


def test_of_a_preview_and_its_update_the_update_counts_with_its_own_link() -> None:
    [facts] = accounts(PREVIEW, UPDATED)
    assert (facts.kind, facts.outcome) == (UpdateKind.UPDATE, Outcome.SUCCEEDED)
    assert facts.counts == {"create": 1, "same": 1}
    assert [link.rpartition("/")[2] for link in facts.links] == ["41"]


def test_an_update_that_failed_after_a_good_preview_has_failed() -> None:
    [facts] = accounts(PREVIEW, FAILED)
    assert (facts.kind, facts.outcome) == (UpdateKind.UPDATE, Outcome.FAILED)


def test_what_the_preview_planned_is_kept_for_an_update_that_was_cancelled() -> None:
    plan = PREVIEW.replace("+ 1 to create", "+ 9 to create")
    stopped = UPDATED.replace("+ 1 created", "+ 4 created") + "error: update canceled\n"
    [facts] = accounts(plan, stopped)
    assert facts.outcome is Outcome.CANCELLED
    assert facts.counts == {"create": 4, "same": 1}
    assert facts.planned == {"create": 9, "same": 1}


def test_only_a_good_preview_right_before_it_is_the_plan_of_an_update() -> None:
    assert accounts(UPDATED)[0].planned is None
    assert accounts(PREVIEW, UPDATED, UPDATED)[0].planned is None
    assert accounts(PREVIEW, UPDATED, PREVIEW)[0].planned == {"create": 1, "same": 1}


def test_a_good_preview_before_a_refused_update_is_no_success() -> None:
    [facts] = accounts(PREVIEW, LOCKED)
    assert facts.outcome is Outcome.FAILED
    assert "Another update" in facts.failures[0].headline


def test_a_retry_that_succeeds_is_a_success_with_a_note() -> None:
    [facts] = accounts(FAILED, UPDATED)
    assert (facts.outcome, facts.retried, facts.failures) == (Outcome.SUCCEEDED, 1, ())


def test_an_update_after_one_that_was_refused_is_a_success_with_a_note() -> None:
    [facts] = accounts(PREVIEW, LOCKED, PREVIEW, UPDATED)
    assert (facts.outcome, facts.retried, facts.failures) == (Outcome.SUCCEEDED, 1, ())


def test_a_failed_update_is_no_try_of_the_preview_after_it() -> None:
    [facts] = accounts(PREVIEW, UPDATED, PREVIEW)
    assert (facts.kind, facts.retried) == (UpdateKind.UPDATE, 0)
    failed = Facts(kind=UpdateKind.UPDATE, outcome=Outcome.FAILED, counts={})
    [facts] = by_stack([failed, Facts(kind=UpdateKind.PREVIEW, outcome=Outcome.FAILED, counts={})])
    assert (facts.kind, facts.retried) == (UpdateKind.PREVIEW, 0)


def test_two_failed_tries_end_as_the_last_one() -> None:
    [facts] = accounts(FAILED, FAILED)
    assert (facts.outcome, facts.retried, len(facts.failed_resources)) == (Outcome.FAILED, 1, 1)


def test_two_stacks_are_two_accounts_and_nothing_is_added_up() -> None:
    both = UPDATED.format(stack="dev") + FAILED.format(stack="prod")
    one, other = accounts_from_console([both.encode()])
    assert (str(one.stack), one.outcome) == ("acme/web/dev", Outcome.SUCCEEDED)
    assert (str(other.stack), other.outcome) == ("acme/web/prod", Outcome.FAILED)
    assert (one.counts, other.counts) == ({"create": 1, "same": 1}, {"same": 1})


def test_a_preview_after_an_update_is_no_news_of_it() -> None:
    [facts] = accounts(UPDATED, PREVIEW)
    assert facts.kind is UpdateKind.UPDATE


def test_a_self_managed_log_names_project_and_stack() -> None:
    text = UPDATED.replace("View Live: https://app.pulumi.com/acme/web/{stack}/updates/41\n\n", "")
    [facts] = accounts(text)
    assert facts.stack == StackRef("", "web", "dev")


def test_an_event_log_names_project_and_stack_by_its_urns() -> None:
    urn = "urn:pulumi:dev::web::aws:s3/bucket:Bucket::assets"
    event = {"timestamp": 1, "resOutputsEvent": {"metadata": {"op": "same", "urn": urn}}}
    [facts] = accounts_from_events([json.dumps(event).encode()])
    assert facts.stack == StackRef("", "web", "dev")


RUNS = st.lists(
    st.builds(
        Facts,
        outcome=st.sampled_from(Outcome),
        kind=st.sampled_from(UpdateKind),
        stack=st.sampled_from(
            [
                None,
                StackRef("", "web", "dev"),
                StackRef("acme", "web", "dev"),
                StackRef("", "web", "prod"),
            ]
        ),
        counts=st.sampled_from([None, {"create": 1}]),
    ),
    max_size=6,
)


@given(RUNS)
def test_counts_are_those_of_one_run_and_a_stack_has_one_account(runs: list[Facts]) -> None:
    found = by_stack(runs)
    assert all(facts.counts in (None, {"create": 1}) for facts in found)
    names = [facts.stack.stack for facts in found if facts.stack]
    assert len(names) == len(set(names))
    assert bool(found) is bool(runs)
