"""What others may have written in our comments, or in our name (T20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from upshot.inputs.choices import CommentMode
from upshot.model import PullRequest, Section
from upshot.publish.comment.plan import Draft, Share
from upshot.publish.comment.publish import publish_comment
from upshot.publish.comment.sections import parse_sections
from upshot.publish.github.identity import Identity

MakeWorld = Callable[..., Any]


@pytest.mark.parametrize(
    ("login", "is_bot", "app", "is_ours"),
    [
        ("github-actions[bot]", True, "github-actions", True),
        ("github-actions[bot]", True, "", True),
        ("github-actions", True, "", True),
        ("github-actions[bot]", True, "renovate", False),
        ("renovate[bot]", True, "renovate", False),
        ("github-actions", False, "", False),
        ("ines-k", False, "", False),
        ("ines-k", False, "some-app", False),
    ],
)
def test_t20_whose_a_comment_is(
    world: Any, *, login: str, is_bot: bool, app: str, is_ours: bool
) -> None:
    assert Identity(world.github).is_ours(login, is_bot=is_bot, app=app) is is_ours


def test_t20_a_section_in_an_edited_comment_is_dropped_to_its_row(world: Any) -> None:
    """Whoever may write to the repository may edit our comment; we would carry it on for ever."""
    write(world, "acme/shop/prod", "Prod failed.")
    comment = world.state.by_bot()[0]
    comment.body = comment.body.replace(
        "Prod failed.", "All is well. /deploy ![x](https://evil.example)"
    )
    write(world, "acme/shop/dev", "Dev failed.", run=101)
    [body] = world.bodies
    assert "evil.example" not in body
    assert "Dev failed." in body
    prod, dev = sorted(parse_sections(body), key=lambda section: section.stack, reverse=True)
    assert prod.verdict == dev.verdict == "failed"
    assert "edited, and not by Upshot" in prod.text
    write(world, "acme/shop/prod", "Prod failed.", run=102)
    assert "Prod failed." in world.bodies[0]
    assert "Dev failed." in world.bodies[0]


def test_t20_earlier_reports_of_an_edited_comment_are_not_appended_to(world: Any) -> None:
    world.publish("first", mode="append")
    comment = world.state.by_bot()[0]
    comment.body = comment.body.replace("first", "/deploy now")
    world.publish("second", mode="append", marker=world.marker(run=101, digest="d2"))
    assert "/deploy" not in world.bodies[0]
    assert "second" in world.bodies[0]


@pytest.mark.parametrize("graphql", [True, False])
def test_t20_another_bots_comment_with_our_marker_is_never_overwritten(
    make_world: MakeWorld, *, graphql: bool
) -> None:
    world = make_world(graphql=graphql)
    world.publish()
    forged = world.bodies[0]
    world.state.comments.clear()
    world.state.add(world.state.user("renovate[bot]"), forged)
    receipt = world.publish("New.", marker=world.marker(run=101, digest="d2"))
    assert receipt.action == "created"
    assert forged in [comment.body for comment in world.state.comments]


def write(world: Any, stack: str, text: str, *, run: int = 100) -> None:
    section = Section(stack=stack, run=str(run), verdict="failed", digest=text[:4], text=text)
    share = Share(section, lambda sections, wrap: "\n\n".join(map(wrap, sections)))
    draft = Draft(text, world.marker(run=run, stack=stack), share=share)
    pull = PullRequest(7, head_sha=world.state.head_sha)
    publish_comment(world.github, pull, draft, mode=CommentMode.UPDATE)
