"""Many jobs, one comment: simulated in virtual time, so that every run is the same run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from tests.integration.publish.simulation import Simulation

from upshot.inputs.choices import CommentMode
from upshot.model import PullRequest, Receipt, Section, Stamp
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft, Share
from upshot.publish.comment.publish import publish_comment
from upshot.publish.comment.sections import find_section, parse_sections, wrap_section
from upshot.publish.github.client import GitHub
from upshot.publish.github.request import Attempt, Request
from upshot.timing import Deadline

HEAD = "a" * 40


class Conversation:
    """A pull request's comments, in the place of a `Connection`."""

    def __init__(self, simulation: Simulation, seed: int, latency_s: tuple[float, float]) -> None:
        self.simulation = simulation
        self.latency_s = latency_s
        self.random = random.Random(seed)
        self.comments: dict[int, dict[str, Any]] = {}
        self.sent: list[str] = []
        self.most = 0
        self.ids = iter(range(3_000_000_001, 4_000_000_000))

    def close(self) -> None:
        pass

    def send(self, request: Request) -> Attempt:
        verb, url = request.verb, request.url
        self.sent.append(verb if url != "/graphql" else "READ")
        self.simulation.sleep(self.random.uniform(*self.latency_s))
        attempt = self._answer(verb, url, request.body or {})
        self.simulation.sleep(self.random.uniform(*self.latency_s))
        return attempt

    def _answer(self, verb: str, url: str, body: Mapping[str, Any]) -> Attempt:
        if verb in {"PATCH", "DELETE"} and int(url.rsplit("/", 1)[1]) not in self.comments:
            return Attempt(404, {}, None, "Not Found")
        return Attempt(200, {}, self._data(verb, url, body))

    def _data(self, verb: str, url: str, body: Mapping[str, Any]) -> Any:
        if url == "/graphql":
            return {"data": {"repository": {"pullRequest": self._windows()}}}
        if verb == "GET":
            return [dict(comment) for comment in self.comments.values()]
        if verb == "POST":
            number = next(self.ids)
            self.comments[number] = {
                "id": number,
                "body": body["body"],
                "html_url": f"https://github.com/acme/shop/pull/7#issuecomment-{number}",
                "created_at": "2026-11-21T10:00:00Z",
                "user": {"id": 1, "login": "github-actions[bot]", "type": "Bot"},
            }
            self.most = max(self.most, len(self.comments))
            return dict(self.comments[number])
        number = int(url.rsplit("/", 1)[1])
        if verb == "DELETE":
            del self.comments[number]
            return None
        self.comments[number]["body"] = body["body"]
        return dict(self.comments[number])

    def _windows(self) -> dict[str, Any]:
        nodes = [
            {"url": c["html_url"], "body": c["body"], "viewerDidAuthor": True}
            for c in self.comments.values()
        ]
        window = {"totalCount": len(nodes), "nodes": nodes}
        return {"headRefOid": HEAD, "oldest": window, "newest": window, "edited": window}


def table(sections: Sequence[Section], wrap: Callable[[Section], str]) -> str:
    """What the report's side does, in short."""
    return "\n\n".join([f"{len(sections)} stacks", *map(wrap, sections)])


def stack(
    n: int, *, run: int = 100, sha: str = HEAD, text: str = "", verdict: str = "failed"
) -> Section:
    return Section(
        stack=f"acme/shop/s{n:02}",
        run=str(run),
        attempt=1,
        sha=sha,
        started=run,
        verdict=verdict,
        digest=f"d{n}-{run}",
        cells={"create": "3"},
        text=text or f"Stack {n} of run {run}.",
    )


class Matrix:
    """Legs of a matrix on one conversation."""

    def __init__(self, seed: int = 1, latency_s: tuple[float, float] = (0.05, 0.15)) -> None:
        self.simulation = Simulation()
        self.conversation = Conversation(self.simulation, seed, latency_s)
        self.receipts: list[Receipt] = []
        self.seed = seed

    def run(self, sections: Sequence[Section], *, over_s: float = 0.5, **more: Any) -> None:
        starts = random.Random(self.seed)
        self.conversation.sent.clear()
        jobs = [
            (starts.random() * over_s, self.leg(section, n, **more))
            for n, section in enumerate(sections)
        ]
        self.simulation.run(jobs)

    def github(self, n: int, *, timeout_s: float = 3_600.0) -> GitHub:
        chance = random.Random(1_000 * self.seed + n)
        deadline = Deadline.after(self.simulation, timeout_s)
        return GitHub(
            lambda: self.conversation,  # type: ignore[arg-type, return-value]
            repository="acme/shop",
            graphql_url="/graphql",
            deadline=deadline,
            jitter=chance.random,
        )

    def leg(
        self,
        section: Section,
        n: int,
        *,
        is_due: bool = True,
        notice: str = "",
        mode: CommentMode = CommentMode.UPDATE,
        timeout_s: float = 3_600.0,
    ) -> Callable[[], None]:
        draft = Draft(
            f"# Alone\n\n{section.text}",
            build_marker("all", section),
            is_due=is_due,
            notice=notice,
            share=Share(section, table),
        )

        def leg() -> None:
            github = self.github(n, timeout_s=timeout_s)
            pull = PullRequest(7, head_sha=HEAD)
            self.receipts.append(publish_comment(github, pull, draft, mode=mode))

        return leg

    @property
    def sections(self) -> list[Section]:
        [comment] = self.conversation.comments.values()
        return list(parse_sections(comment["body"]))


@pytest.mark.parametrize("legs", [1, 2, 10, 50])
@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parallel_legs_converge_in_one_comment(legs: int, exists: bool, seed: int) -> None:  # noqa: FBT001
    matrix = Matrix(seed)
    if exists:
        matrix.run([stack(99)])
    matrix.run([stack(n) for n in range(legs)])
    expected = [f"acme/shop/s{n:02}" for n in range(legs)] + ["acme/shop/s99"] * exists
    assert [section.stack for section in matrix.sections] == expected
    if legs > 1:
        assert len(matrix.conversation.sent) <= 14 * legs


@pytest.mark.parametrize("seed", [10, 11, 20])
def test_where_github_is_slow_jobs_watch_longer_and_still_lose_nothing(seed: int) -> None:
    matrix = Matrix(seed, latency_s=(0.5, 1.0))
    matrix.run([stack(n) for n in range(50)])
    assert len(matrix.sections) == 50


def test_a_stack_alone_pays_nothing_for_the_possibility() -> None:
    matrix = Matrix()
    matrix.run([stack(1)])
    assert matrix.conversation.sent == ["READ", "POST", "GET"]
    matrix.run([stack(1, run=101)])
    assert matrix.conversation.sent == ["READ", "PATCH"]
    assert [receipt.action for receipt in matrix.receipts] == ["created", "updated"]
    [comment] = matrix.conversation.comments.values()
    assert "# Alone\n\nStack 1 of run 101." in comment["body"]


def test_an_undisturbed_leg_reads_writes_and_reads_again() -> None:
    matrix = Matrix()
    matrix.run([stack(1)])
    matrix.run([stack(2)])
    assert matrix.conversation.sent == ["READ", "PATCH", "READ"]
    assert matrix.receipts[-1].action == "updated"


@pytest.mark.parametrize("mode", [CommentMode.RECREATE, CommentMode.HIDE_AND_NEW])
def test_no_mode_removes_the_report_of_another_stack(mode: CommentMode) -> None:
    matrix = Matrix()
    matrix.run([stack(1)], mode=mode)
    matrix.run([stack(2)], mode=mode)
    assert len(matrix.sections) == 2


def test_a_changed_verdict_of_one_stack_posts_one_line() -> None:
    matrix = Matrix()
    matrix.run([stack(1), stack(2)])
    matrix.run([stack(1, run=101, verdict="succeeded")], notice="s01 works again.")
    first, second = (c["body"] for c in matrix.conversation.comments.values())
    assert len(parse_sections(first)) == 2
    assert second.endswith("s01 works again.")


def test_a_section_keeps_its_conversation_for_later_runs() -> None:
    matrix = Matrix()
    matrix.run([replace(stack(1), conversation="c-1"), replace(stack(2), conversation="c-2")])
    found = find_section(matrix.sections, "acme/shop/s02")
    assert found is not None
    assert found.conversation == "c-2"
    assert find_section(matrix.sections, "acme/shop/s03") is None


def test_a_job_without_time_says_that_it_did_not_see_it_stay() -> None:
    matrix = Matrix()
    matrix.run([stack(1)])
    matrix.run([stack(2)], timeout_s=3.0)
    assert len(matrix.sections) == 2
    assert matrix.receipts[-1].action == "updated"
    assert "no time" in matrix.receipts[-1].why


def test_mode_collect_joins_all_reports_in_two_requests() -> None:
    matrix = Matrix()
    matrix.run([stack(99)])
    github = matrix.github(0)
    stamp = Stamp(run="200", sha=HEAD, started=200, verdict="failed", digest="d")
    draft = Draft(
        table([stack(n) for n in range(50)], wrap_section),
        build_marker("all", stamp),
    )
    matrix.conversation.sent.clear()

    def collect() -> None:
        pull = PullRequest(7, head_sha=HEAD)
        matrix.receipts.append(publish_comment(github, pull, draft, mode=CommentMode.UPDATE))

    matrix.simulation.run([(0.0, collect)])
    assert matrix.conversation.sent == ["READ", "PATCH"]
    assert len(matrix.sections) == 50


def test_an_unchanged_section_costs_one_request() -> None:
    matrix = Matrix()
    matrix.run([stack(1)])
    matrix.run([stack(1)])
    assert matrix.conversation.sent == ["READ"]
    assert matrix.receipts[-1].action == "unchanged"


def test_an_older_run_does_not_touch_a_newer_commits_section() -> None:
    matrix = Matrix()
    matrix.run([stack(1, run=200)])
    matrix.run([stack(1, run=150, sha="b" * 40)])
    assert [section.run for section in matrix.sections] == ["200"]
    assert matrix.receipts[-1].action == "skipped"


def test_a_newer_run_takes_the_place_of_its_own_section_only() -> None:
    matrix = Matrix()
    matrix.run([stack(1), stack(2)])
    matrix.run([stack(2, run=101)])
    assert [(s.stack, s.run) for s in matrix.sections] == [
        ("acme/shop/s01", "100"),
        ("acme/shop/s02", "101"),
    ]
    assert [s.text for s in matrix.sections] == [
        "# Alone\n\nStack 1 of run 100.",
        "Stack 2 of run 101.",
    ]


def test_nothing_is_created_for_a_section_that_is_not_due() -> None:
    matrix = Matrix()
    matrix.run([stack(1)], is_due=False)
    assert matrix.conversation.comments == {}
    matrix.run([stack(2)])
    matrix.run([stack(1)], is_due=False)
    assert len(matrix.sections) == 2


def test_a_section_that_a_stale_write_removes_is_put_back() -> None:
    matrix = Matrix()
    matrix.run([stack(1)])
    [comment] = matrix.conversation.comments.values()
    before = comment["body"]
    simulation = matrix.simulation

    def rude() -> None:
        # Read before the leg wrote, written after.
        comment["body"] = before

    start_s = simulation.now_s
    leg = matrix.leg(stack(2), 2)
    simulation.run([(start_s, leg), (start_s + 1.5, rude)])
    assert [section.stack for section in matrix.sections] == ["acme/shop/s01", "acme/shop/s02"]


def test_a_shared_comment_that_a_person_deletes_is_there_again() -> None:
    matrix = Matrix()
    matrix.run([stack(1), stack(2)])
    simulation, start_s = matrix.simulation, matrix.simulation.now_s
    legs = [(start_s, matrix.leg(stack(n, run=101), n)) for n in (1, 2, 3)]
    simulation.run([*legs, (start_s + 2.0, matrix.conversation.comments.clear)])
    assert [section.run for section in matrix.sections] == ["101", "101", "101"]


def test_t43_sections_of_a_second_comment_are_joined_and_it_is_deleted() -> None:
    matrix = Matrix()
    matrix.run([stack(1)])
    second = Matrix(2)
    second.run([stack(2)])
    [theirs] = second.conversation.comments.values()
    matrix.conversation._data("POST", "", {"body": theirs["body"]})
    matrix.run([stack(3)])
    assert [section.stack[-3:] for section in matrix.sections] == ["s01", "s02", "s03"]


def test_t20_a_section_cannot_forge_another() -> None:
    forged = wrap_section(stack(1, run=999, text="All is well."))
    matrix = Matrix()
    matrix.run([stack(1), stack(2, text=f"```\n{forged}\n```")])
    assert [(s.stack[-3:], s.run) for s in matrix.sections] == [("s01", "100"), ("s02", "100")]
