"""When a report is worth a message."""

from __future__ import annotations

import pytest

from upshot.announce.publish import is_due, sign
from upshot.inputs.publishers.announce import AnnounceOn
from upshot.model import Facts, Receipt, ReceiptStatus, Run, Verdict, VerdictStatus
from upshot.model.announcement import Announcement
from upshot.publish.comment.marker import Marker
from upshot.publish.comment.plan import Draft
from upshot.publish.interface import Publication
from upshot.secret import Secret


def publication(
    *, well: bool | None, before: str = "", issue: str = "", question: str = ""
) -> Publication:
    receipts = (Receipt("issue", ReceiptStatus.POSTED, issue),) if issue else ()
    return Publication(
        facts=Facts(),
        verdict=Verdict(VerdictStatus.SUCCEEDED if well else VerdictStatus.FAILED),
        run=Run("acme/shop", "https://github.com", "1"),
        summary="",
        draft=Draft("", Marker(v=1, key="default")),
        is_well=well,
        announcement=Announcement(icon="", title="", question=question),
        verdict_before=before,
        receipts=receipts,
    )


@pytest.mark.parametrize(
    ("on", "told", "due"),
    [
        ("failure", publication(well=False), True),
        ("failure", publication(well=True), False),
        ("failure", publication(well=None), False),
        ("always", publication(well=True), True),
        ("verdict-change", publication(well=False, before="failed"), False),
        ("verdict-change", publication(well=False, before="succeeded"), True),
        ("verdict-change", publication(well=True, before="failed"), True),
        ("verdict-change", publication(well=True, before="succeeded"), False),
        ("verdict-change", publication(well=False, issue="opened"), True),
        ("verdict-change", publication(well=False, issue="updated", before="succeeded"), False),
        ("verdict-change", publication(well=True, issue="closed"), True),
        ("verdict-change", publication(well=False), True),
        ("verdict-change", publication(well=True), False),
        ("failure", publication(well=True, question="Why?"), True),
    ],
)
def test_by_announce_on(on: str, told: Publication, due: bool) -> None:  # noqa: FBT001
    assert is_due(told, AnnounceOn(on)) is due


def test_the_signature_is_the_hmac_of_the_body() -> None:
    """The example of GitHub's own page on validating webhook deliveries."""
    secret = Secret("It's a Secret to Everybody")
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert sign(b"Hello, World!", secret) == f"sha256={digest}"
