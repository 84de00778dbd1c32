"""The labels of a pull request: made, put on, taken off, by one job and by many at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from tests.integration.publish.conftest import World
from tests.integration.publish.simulation import Simulation

from upshot.model import PullRequest, Receipt, ReceiptStatus, Section
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.sections import wrap_section
from upshot.publish.comment.write_comment import compose_body
from upshot.publish.github.client import GitHub
from upshot.publish.github.request import Attempt, Request
from upshot.publish.labels.publish import publish_labels
from upshot.timing import Deadline
from upshot.verdict.labels import Label
from upshot_sandbox.github.state import Label as Made
from upshot_sandbox.github.state import User

LABELS = "/repos/acme/shop/labels"
ON_PULL = "/repos/acme/shop/issues/7/labels"
FAILED = f"{LABELS}/upshot%3Afailed"


def section(stack: str, labels: str, *, run: int = 100) -> Section:
    return Section(stack=stack, run=str(run), sha="a" * 40, started=run, labels=labels)


def body_of(sections: Iterable[Section], key: str = "default") -> str:
    text = "\n\n".join(map(wrap_section, sections))
    return compose_body(text, build_marker(key, section("", "")))


def label(
    world: World, mine: Section, *, is_fork: bool = False, has_comments: bool = True
) -> Receipt:
    world.sandbox.world.journal.requests.clear()
    pull = PullRequest(7, head_sha="a" * 40, is_fork=is_fork)
    return publish_labels(world.github, pull, (mine,), key="default", has_comments=has_comments)


def on_pull(world: World) -> list[str]:
    return sorted(world.state.pull_labels)


def writes(world: World) -> list[str]:
    return [line for line in world.sent if not line.startswith("GET") and "graphql" not in line]


def test_a_missing_label_is_made_with_a_colour_and_a_description(world: World) -> None:
    receipt = label(world, section("prod", "failed"))
    assert (receipt.status, receipt.action) == (ReceiptStatus.POSTED, "+upshot:failed")
    assert on_pull(world) == ["upshot:failed"]
    made = world.state.labels["upshot:failed"]
    assert made == Made("upshot:failed", Label.FAILED.colour, Label.FAILED.about)


def test_one_that_the_repository_has_keeps_its_own_colour(world: World) -> None:
    world.state.labels["upshot:failed"] = Made("Upshot:Failed", "00ff00", "ours")
    label(world, section("prod", "failed"))
    assert writes(world) == [f"POST {ON_PULL}"]
    assert world.state.labels["upshot:failed"] == Made("Upshot:Failed", "00ff00", "ours")
    assert label(world, section("prod", "")).action == "-upshot:failed", "in any case of letters"
    assert on_pull(world) == []


def test_what_is_true_already_is_not_written_again(world: World) -> None:
    label(world, section("prod", "failed"))
    assert label(world, section("prod", "failed")).action == "unchanged"
    assert writes(world) == []
    assert f"GET {LABELS}" not in world.sent, "the list of all labels may have thousands"


def test_what_is_no_longer_true_is_taken_off_and_other_labels_are_left_alone(world: World) -> None:
    for name in ("bug", "upshot:ignore", "upshot:failed", "upshot:drift"):
        world.state.labels[name] = Made(name)
        world.state.pull_labels.add(name)
    receipt = label(world, section("prod", "deletes"))
    assert receipt.action == "+upshot:deletes -upshot:drift -upshot:failed"
    assert on_pull(world) == ["bug", "upshot:deletes", "upshot:ignore"]
    assert "upshot:failed" in world.state.labels, "of the repository it stays one"


def test_another_stacks_section_keeps_its_label(world: World) -> None:
    world.state.add(world.state.bot, body_of([section("dev", "failed"), section("prod", "failed")]))
    label(world, section("prod", "replaces"))
    assert on_pull(world) == ["upshot:failed", "upshot:replaces"]


def test_t20_a_strangers_comment_with_our_marker_gives_no_label(world: World) -> None:
    stranger = User("mallory", 666, "User")
    world.state.add(stranger, body_of([section("dev", "failed"), section("prod", "drift")]))
    label(world, section("prod", ""))
    assert on_pull(world) == []


def test_without_comments_this_job_decides_alone(world: World) -> None:
    world.state.add(world.state.bot, body_of([section("dev", "failed")]))
    label(world, section("prod", "replaces"), has_comments=False)
    assert on_pull(world) == ["upshot:replaces"]
    assert "POST /graphql" not in world.sent


def test_a_label_that_another_job_made_meanwhile_is_put_on(world: World) -> None:
    world.fail(f"GET {FAILED}", 404, 1, body={"message": "Not Found"})
    world.state.labels["upshot:failed"] = Made("upshot:failed", "00ff00")
    assert label(world, section("prod", "failed")).action == "+upshot:failed"
    assert on_pull(world) == ["upshot:failed"]


def test_a_label_whose_making_was_not_answered_is_put_on(world: World) -> None:
    world.lose_reply(f"POST {LABELS}", 1)
    assert label(world, section("prod", "failed")).action == "+upshot:failed"
    assert on_pull(world) == ["upshot:failed"]


def test_an_outage_is_one_failed_receipt(world: World) -> None:
    world.fail(f"GET {ON_PULL}")
    receipt = label(world, section("prod", "failed"))
    assert receipt.status is ReceiptStatus.FAILED
    assert "GitHub could not read the labels" in receipt.why


def test_t44_a_token_that_may_only_read_says_what_to_paste(
    make_world: Callable[..., World],
) -> None:
    world = make_world(token="read")
    receipt = label(world, section("prod", "failed"))
    assert receipt.status is ReceiptStatus.FAILED
    assert "pull-requests: write" in receipt.hint
    assert len(writes(world)) == 1, "it is tried once"


def test_t44_on_a_forks_pull_request_it_is_left_out(make_world: Callable[..., World]) -> None:
    world = make_world(token="read", fork=True)
    receipt = label(world, section("prod", "failed"), is_fork=True)
    assert receipt.status is ReceiptStatus.SKIPPED
    assert "workflow_run" in receipt.hint


class Board:
    """A pull request's labels and its one comment, in the place of a `Connection`."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self.simulation = simulation
        self.random = random.Random(seed)
        self.sections: dict[str, Section] = {}
        self.made: set[str] = set()
        self.on: set[str] = set()

    def close(self) -> None:
        pass

    def send(self, request: Request) -> Attempt:
        self.simulation.sleep(self.random.uniform(0.05, 0.4))
        attempt = self._answer(
            request.verb, request.url.removeprefix("/repos/acme/shop/"), request.body or {}
        )
        self.simulation.sleep(self.random.uniform(0.05, 0.4))
        return attempt

    def _answer(self, verb: str, path: str, body: Mapping[str, Any]) -> Attempt:
        name = unquote(path.rpartition("/")[2])
        match verb, path.split("/", maxsplit=1)[0]:
            case _, "":  # /graphql
                return Attempt(200, {}, {"data": {"repository": {"pullRequest": self._windows()}}})
            case "GET", "labels" if name not in self.made:
                return Attempt(404, {}, None, "Not Found")
            case "POST", "labels":
                if body["name"] in self.made:
                    return Attempt(422, {}, None, "Validation Failed")
                self.made.add(body["name"])
            case "POST", "issues":
                self.on |= set(body["labels"])
            case "DELETE", "issues":
                if name not in self.on:
                    return Attempt(404, {}, None, "Label does not exist")
                self.on.remove(name)
        return Attempt(200, {}, [{"name": one} for one in sorted(self.on)])

    def _windows(self) -> dict[str, Any]:
        url = "https://github.com/acme/shop/pull/7#issuecomment-3000000001"
        text = body_of(self.sections.values())
        nodes = [{"url": url, "body": text, "viewerDidAuthor": True}] if self.sections else []
        window = {"totalCount": len(nodes), "nodes": nodes}
        return {"headRefOid": "a" * 40, "oldest": window, "newest": window, "edited": window}


@pytest.mark.parametrize("seed", range(40))
def test_many_jobs_at_once_leave_the_labels_of_the_newest_reports(seed: int) -> None:
    """Each job writes its section, then labels; two rounds, so that labels come and go."""
    simulation, chance = Simulation(), random.Random(seed)
    board = Board(simulation, seed)

    def job(mine: Section) -> Callable[[], None]:
        def run() -> None:
            board.sections[mine.stack] = mine  # what `write_sections` promises
            github = GitHub(
                lambda: board,  # type: ignore[arg-type, return-value]
                repository="acme/shop",
                graphql_url="/graphql",
                deadline=Deadline.after(simulation, 3_600.0),
                jitter=chance.random,
            )
            pull = PullRequest(7, head_sha="a" * 40)
            receipt = publish_labels(github, pull, (mine,), key="default", has_comments=True)
            assert receipt.status is ReceiptStatus.POSTED

        return run

    words = [label.value for label in Label]
    for turn in range(3):
        jobs = []
        for number in range(5):
            some = ".".join(chance.sample(words, chance.choice([0, 0, 1, 2])))
            mine = section(f"stack-{number}", some, run=100 + turn)
            jobs.append((chance.random() * 6, job(mine)))
        simulation.run(jobs)
        said = {word for one in board.sections.values() for word in one.labels.split(".") if word}
        assert board.on == {f"upshot:{word}" for word in said}
