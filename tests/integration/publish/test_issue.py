"""One issue for each key, whoever opens it and however many jobs do it at once; in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from github import GithubException
from msgspec.structs import replace
from tests.integration.publish.simulation import Simulation

from upshot.model import Receipt, ReceiptStatus, Run, Section
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft, Share
from upshot.publish.comment.sections import parse_sections
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import read_message
from upshot.publish.github.request import Attempt, Request
from upshot.publish.issue.place import Opening
from upshot.publish.issue.publish import publish_issue
from upshot.timing import Deadline

SHA = "a" * 40
BOT = {"id": 1, "login": "github-actions[bot]", "type": "Bot"}
OPENING = Opening("Pulumi")


class Board:
    """A repository's issues and labels, in the place of a `Connection`."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self.simulation = simulation
        self.random = random.Random(seed)
        self.issues: dict[int, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, Any]] = {}
        self.comments: list[tuple[int, str]] = []
        self.sent: list[str] = []
        self.faults: dict[str, tuple[int, str]] = {}
        """`VERB path` -> status and message of the answer."""
        self.listed_after_s = 0.4
        """How long GitHub's list lacks a new issue."""
        self.names_viewer = True
        self.lost: set[str] = set()
        """`VERB path` whose first answer is lost: it is done, and the caller sees an error."""

    def close(self) -> None:
        pass

    def send(self, request: Request) -> Attempt:
        """In the place of a `Connection`."""
        try:
            headers, data = self._do(
                request.verb, request.url, request.parameters or {}, request.body
            )
        except GithubException as fault:
            return Attempt(fault.status, {}, None, read_message(fault.data))
        return Attempt(200, headers, data)

    def _do(
        self,
        verb: str,
        url: str,
        parameters: Mapping[str, Any],
        input: Mapping[str, Any] | None,  # noqa: A002 - a body
    ) -> tuple[dict[str, str], Any]:
        path = url.removeprefix("/repos/acme/shop/")
        line = f"{verb} {path}"
        self.sent.append(line)
        self.simulation.sleep(self.random.uniform(0.05, 0.15))
        if line in self.faults:
            status, message = self.faults[line]
            raise GithubException(status, {"message": message}, {})
        reply = self._answer(verb, path, parameters, input or {})
        self.simulation.sleep(self.random.uniform(0.05, 0.15))
        if line in self.lost:
            self.lost.remove(line)
            raise GithubException(502, {"message": "Bad gateway"}, {})
        return {}, reply

    def open(self, body: str, *, author: Mapping[str, Any] = BOT, state: str = "open") -> int:
        number = len(self.issues) + 1
        self.issues[number] = {
            "number": number,
            "body": body,
            "html_url": f"https://github.com/acme/shop/issues/{number}",
            "user": dict(author),
            "state": state,
            "at": self.simulation.now_s,
            "touched": self.simulation.now_s,
        }
        return number

    def _answer(
        self, verb: str, path: str, parameters: Mapping[str, Any], body: Mapping[str, Any]
    ) -> Any:
        if path == "/user":
            raise GithubException(403, {"message": "Resource not accessible by integration"}, {})
        if path == "/graphql":
            viewer = {"login": BOT["login"]} if self.names_viewer else None
            return {"data": {"viewer": viewer}}
        if path == "issues":
            return self._list(parameters) if verb == "GET" else self._open(body)
        if path.startswith("labels"):
            return self._label(verb, path, body)
        number = int(path.split("/")[1])
        if path.endswith("/comments"):
            self.comments.append((number, body["body"]))
            return {"id": 1}
        if number not in self.issues:
            raise GithubException(404, {"message": "Not Found"}, {})
        if verb == "PATCH":
            now = {"touched": self.simulation.now_s}
            self.issues[number] |= {k: v for k, v in body.items() if k != "state_reason"} | now
        return dict(self.issues[number])

    def _list(self, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        now = self.simulation.now_s - self.listed_after_s
        creator = parameters.get("creator")
        found = [
            dict(issue)
            for issue in self.issues.values()
            if issue["at"] <= now
            and issue["state"] == parameters["state"]
            and creator in {None, issue["user"]["login"]}
        ]
        return sorted(found, key=lambda issue: issue["touched"], reverse=True)

    def _open(self, body: Mapping[str, Any]) -> dict[str, Any]:
        number = self.open(body["body"])
        self.issues[number] |= {"title": body["title"], "labels": body.get("labels", [])}
        return dict(self.issues[number])

    def _label(self, verb: str, path: str, body: Mapping[str, Any]) -> Any:
        if verb == "POST":
            if body["name"] in self.labels:
                errors = [{"resource": "Label", "code": "already_exists", "field": "name"}]
                data = {"message": "Validation Failed", "errors": errors}
                raise GithubException(422, data, {})
            self.labels[body["name"]] = dict(body)
            return dict(body)
        name = path.partition("/")[2]
        if name not in self.labels:
            raise GithubException(404, {"message": "Not Found"}, {})
        return self.labels.pop(name) and None if verb == "DELETE" else dict(self.labels[name])


def table(sections: Sequence[Section], wrap: Callable[[Section], str]) -> str:
    return "\n\n".join([f"{len(sections)} stacks", *map(wrap, sections)])


def stack(n: int, *, run: int = 100, verdict: str = "failed") -> Section:
    return Section(
        stack=f"acme/shop/s{n:02}",
        run=str(run),
        sha=SHA,
        started=run,
        verdict=verdict,
        digest=f"d{n}-{run}",
        text=f"Stack {n} of run {run}.",
    )


class Night:
    """Jobs of a workflow run on one board."""

    def __init__(self, seed: int = 1) -> None:
        self.simulation = Simulation()
        self.board = Board(self.simulation, seed)
        self.receipts: list[Receipt] = []
        self.seed = seed

    def run(self, sections: Sequence[Section], *, over_s: float = 0.5, **more: Any) -> None:
        starts = random.Random(self.seed)
        self.simulation.run(
            [(starts.random() * over_s, self.job(one, n, **more)) for n, one in enumerate(sections)]
        )

    def job(
        self,
        section: Section,
        n: int = 0,
        *,
        opening: Opening = OPENING,
        is_alone: bool = False,
        is_well: bool | str | None = "by verdict",
    ) -> Callable[[], None]:
        well = section.verdict == "succeeded" if isinstance(is_well, str) else is_well
        share = None if is_alone else Share(section, table)
        draft = Draft(f"# Alone\n\n{section.text}", build_marker("default", section), share=share)
        run = Run("acme/shop", "https://github.com", section.run)

        def job() -> None:
            chance = random.Random(1_000 * self.seed + n)
            deadline = Deadline.after(self.simulation, 3_600.0)
            github = GitHub(
                lambda: self.board,  # type: ignore[arg-type, return-value]
                repository="acme/shop",
                graphql_url="/graphql",
                deadline=deadline,
                jitter=chance.random,
            )
            done = publish_issue(github, draft, opening=opening, is_well=well, run=run)
            self.receipts.append(done)

        return job

    @property
    def actions(self) -> list[str]:
        return [receipt.action or receipt.status.value for receipt in self.receipts]

    @property
    def states(self) -> list[str]:
        return [issue["state"] for issue in self.board.issues.values()]

    @property
    def sections(self) -> list[Section]:
        [issue] = self.board.issues.values()
        return list(parse_sections(issue["body"]))


@pytest.mark.parametrize("seed", range(1, 7))
def test_t70_twenty_jobs_at_once_open_one_issue_and_one_only(seed: int) -> None:
    night = Night(seed)
    night.run([stack(n) for n in range(20)])
    assert night.board.sent.count("POST issues") == 1
    assert night.states == ["open"]
    assert [one.stack for one in night.sections] == [f"acme/shop/s{n:02}" for n in range(20)]
    assert night.board.labels == {}
    assert sorted(set(night.actions)) == ["opened", "updated"]


def test_t70_also_where_github_lists_a_new_issue_late() -> None:
    night = Night()
    night.board.listed_after_s = 4.0
    night.run([stack(n) for n in range(20)])
    assert night.board.sent.count("POST issues") == 1
    assert len(night.sections) == 20


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_t70_without_labels_the_older_of_two_issues_stays(seed: int) -> None:
    night = Night(seed)
    night.board.listed_after_s = 0.0
    night.board.faults["POST labels"] = (404, "Not Found")
    night.run([stack(n) for n in range(20)])
    assert night.states.count("open") == 1
    first = night.board.issues[1]
    assert first["state"] == "open"
    assert len(parse_sections(first["body"])) == 20


@pytest.mark.parametrize(
    ("login", "kind", "names_viewer"),
    [("mallory", "User", True), ("other[bot]", "Bot", True), ("mallory", "User", False)],
)
def test_t70_an_issue_by_another_author_with_our_marker_is_not_ours(
    login: str, kind: str, *, names_viewer: bool
) -> None:
    yesterday = Night()
    yesterday.run([stack(1)])
    body = yesterday.board.issues[1]["body"]
    night = Night()
    night.board.names_viewer = names_viewer
    planted = night.board.open(body, author={"login": login, "type": kind})
    night.run([stack(1, run=101)])
    assert night.board.issues[planted]["body"] == body
    assert night.actions == ["opened"]


def test_t70_a_lock_that_a_killed_job_left_is_broken() -> None:
    night = Night()
    night.run([stack(1)])
    label = "upshot-opens-37a8eec1ce19"
    assert f"DELETE labels/{label}" in night.board.sent
    other = Night()
    other.board.labels[label] = {"name": label, "description": f"Since {1_795_000_000 - 600}"}
    other.run([stack(1)])
    assert other.actions == ["opened"]
    assert other.board.labels == {}


def test_a_failing_run_of_yesterday_that_is_well_today_closes_the_issue_with_a_last_word() -> None:
    night = Night()
    night.run([stack(1)])
    night.run([stack(1, run=101, verdict="succeeded")])
    assert night.states == ["closed"]
    assert night.actions == ["opened", "closed"]
    [(number, words)] = night.board.comments
    assert number == 1
    assert "All is well again" in words
    assert "https://github.com/acme/shop/actions/runs/101" in words
    assert "run 101" in night.board.issues[1]["body"]


def test_it_closes_when_the_last_stack_is_well() -> None:
    night = Night()
    night.run([stack(n) for n in range(3)])
    night.run([stack(n, run=101, verdict="succeeded") for n in range(2)])
    assert night.states == ["open"]
    night.run([stack(2, run=101, verdict="succeeded")])
    assert night.states == ["closed"]
    assert len(night.board.comments) == 1


@pytest.mark.parametrize("seed", range(1, 7))
def test_jobs_that_close_and_jobs_that_fail_at_once_leave_it_open(seed: int) -> None:
    night = Night(seed)
    night.run([stack(n) for n in range(8)])
    today = [stack(n, run=101, verdict="succeeded" if n else "failed") for n in range(8)]
    night.run(today)
    assert night.states == ["open"]
    assert [one.run for one in night.sections] == ["101"] * 8


def test_the_next_failure_opens_it_again() -> None:
    night = Night()
    night.run([stack(1)])
    night.run([stack(1, run=101, verdict="succeeded")])
    night.run([stack(2, run=102)])
    assert night.states == ["open"]
    assert night.actions[-1] == "reopened"
    assert [one.stack for one in night.sections] == ["acme/shop/s02"], "yesterday's stacks are gone"


def test_or_opens_a_new_one() -> None:
    night, opening = Night(), Opening("Pulumi", ("ops", "pulumi"), is_reopened=False)
    night.run([stack(1)], opening=opening)
    night.run([stack(1, run=101, verdict="succeeded")], opening=opening)
    night.run([stack(1, run=102)], opening=opening)
    assert night.states == ["closed", "open"]
    assert night.board.issues[2]["labels"] == ["ops", "pulumi"]
    assert night.actions == ["opened", "closed", "opened"]


def test_a_good_run_without_an_issue_costs_two_requests() -> None:
    night = Night()
    night.run([stack(1, verdict="succeeded")])
    assert night.board.sent == ["POST /graphql", "GET issues"]
    assert night.actions == ["skipped"]


def test_a_report_of_many_stacks_replaces_the_text_in_three_requests() -> None:
    night = Night()
    night.run([stack(1)], is_alone=True)
    night.board.sent.clear()
    night.run([stack(1, run=101)], is_alone=True)
    assert night.board.sent == ["POST /graphql", "GET issues", "PATCH issues/1"]
    assert night.board.issues[1]["body"].endswith("# Alone\n\nStack 1 of run 101.")


def test_the_same_report_is_not_written_again() -> None:
    night = Night()
    night.run([stack(1)], is_alone=True)
    night.run([stack(1)], is_alone=True)
    assert night.actions == ["opened", "unchanged"]


def test_an_older_run_leaves_a_newer_ones_report() -> None:
    night = Night()
    night.run([stack(1, run=101)], is_alone=True)
    night.run([stack(1, run=100)], is_alone=True)
    assert night.actions == ["opened", "skipped"]
    assert "Stack 1 of run 101." in night.board.issues[1]["body"]


def test_with_always_it_stays_open() -> None:
    night, opening = Night(), replace(OPENING, stays_open=True)
    night.run([stack(1, verdict="succeeded")], opening=opening)
    night.run([stack(1, run=101, verdict="succeeded")], opening=opening)
    assert night.states == ["open"]
    assert night.actions == ["opened", "updated"]


def test_a_well_stack_does_not_join_an_issue_about_others() -> None:
    night = Night()
    night.run([stack(1)])
    night.run([stack(2, verdict="succeeded")])
    assert [one.stack for one in night.sections] == ["acme/shop/s01"]


def test_an_answer_that_is_lost_opens_no_second_issue() -> None:
    night = Night()
    night.board.lost.add("POST issues")
    night.run([stack(1)])
    assert night.board.sent.count("POST issues") == 1
    assert night.actions == ["opened"]
    assert night.states == ["open"]


@pytest.mark.parametrize(
    ("line", "status", "message", "hint"),
    [
        ("GET issues", 410, "Issues has been disabled in this repository.", "switch issues on"),
        ("POST labels", 403, "Resource not accessible by integration", "issues: write"),
        ("POST issues", 403, "Resource not accessible by integration", "issues: write"),
    ],
)
def test_a_refusal_says_who_acts_and_what_to_paste(
    line: str, status: int, message: str, hint: str
) -> None:
    night = Night()
    night.board.faults[line] = (status, message)
    night.run([stack(1)])
    [receipt] = night.receipts
    assert receipt.status is ReceiptStatus.FAILED
    assert message in receipt.why
    assert hint in receipt.hint
    assert night.board.labels == {}
