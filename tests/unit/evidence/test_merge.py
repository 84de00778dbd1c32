"""Several sources about one run: the better one stands, the lesser one fills gaps."""

from __future__ import annotations

from upshot.evidence import merge_facts
from upshot.model import Facts, Failure, Outcome, SourceLocation, StackRef, UpdateKind


def test_nothing_gives_nothing() -> None:
    assert merge_facts([]) == Facts()


def test_one_source_is_itself() -> None:
    facts = Facts(outcome=Outcome.FAILED, counts={"create": 1}, is_running=True)
    assert merge_facts([facts]) == facts


def test_the_lesser_source_fills_what_the_better_one_leaves_open() -> None:
    events = Facts(outcome=Outcome.FAILED, kind=UpdateKind.UPDATE, sources=("events-file",))
    log = Facts(
        outcome=Outcome.SUCCEEDED,
        kind=UpdateKind.PREVIEW,
        stack=StackRef("acme", "shop", "prod"),
        counts={"same": 2},
        links=("https://app.pulumi.com/acme/shop/prod/updates/4",),
        sources=("log-file",),
    )
    merged = merge_facts([events, log])
    assert (merged.outcome, merged.kind) == (Outcome.FAILED, UpdateKind.UPDATE)
    assert (merged.stack, merged.counts) == (log.stack, {"same": 2})
    assert merged.sources == ("events-file", "log-file")


def test_failures_of_a_lesser_source_never_join_a_success() -> None:
    noise = Facts(outcome=Outcome.FAILED, failures=(Failure("boom", "boom"),))
    assert merge_facts([Facts(outcome=Outcome.SUCCEEDED), noise]).failures == ()


def test_a_place_in_the_program_is_taken_from_the_source_that_knows_it() -> None:
    known = Failure("boom\nat a", "boom", type="t", name="n", location=SourceLocation("a.ts", 3))
    merged = merge_facts(
        [
            Facts(outcome=Outcome.FAILED, failures=(Failure("boom", "boom", type="t", name="n"),)),
            Facts(outcome=Outcome.FAILED, failures=(known,)),
        ]
    )
    assert merged.failures[0].location == SourceLocation("a.ts", 3)
    assert merged.failures[0].message == "boom"
