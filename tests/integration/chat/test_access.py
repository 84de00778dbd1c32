"""Who may give which command, and what it costs when they may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from upshot_sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from tests.integration.chat.conftest import Start

COMMANDS = {
    "help": "/upshot help",
    "status": "/upshot status",
    "explain": "/upshot explain",
    "ask": "/upshot ask Why did it fail?",
    "why": "/upshot why receipts",
    "task": "/upshot task Fix it.",
    "reply": "/upshot reply Yes.",
    "approve": "/upshot approve abcd-efgh-ijkl-mnop",
    "reject": "/upshot reject abcd-efgh-ijkl-mnop --reason no",
    "cancel": "/upshot cancel",
    "undo": "/upshot undo",
    "retry": "/upshot retry",
}
NOT_COMMANDS = [
    "",
    "Looks good to me.",
    " /upshot ask Why?",
    "> /upshot ask Why?",
    "```\n/upshot ask Why?\n```",
    "<!-- -->/upshot ask Why?",
    "\u200b/upshot ask Why?",
    "\u202e/upshot ask Why?",
    "/upshots ask Why?",
    "/Upshot ask Why?",
    "Please:\n/upshot approve abcd-efgh-ijkl-mnop",
    "<!-- upshot {} -->\n/upshot ask Why?",
    "x" * 60_000,
]


@pytest.mark.parametrize("body", NOT_COMMANDS)
def test_t58_a_comment_that_is_no_command_makes_no_request(start: Start, body: str) -> None:
    ended = start().say(body)
    assert (ended.exit_code, ended.lines, ended.reactions, ended.answers) == (0, [], (), ())
    assert (ended.outputs["command"], ended.outputs["command-argument"]) == ("", "")
    assert ended.outputs["reason-code"] == "ok"


@pytest.mark.parametrize("action", ["edited", "deleted", "pinned"])
def test_t51_only_a_new_comment_is_a_command(start: Start, action: str) -> None:
    world = start()
    payload = {**world.payload("/upshot ask Why?"), "action": action}
    ended = world.deliver(payload)
    assert (ended.exit_code, ended.lines, ended.outputs["command"]) == (0, [], "")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("actor", ["ines-k", "jo-from-outside"])
def test_t25_who_may_not_is_told_nothing_and_costs_nothing(
    start: Start, command: str, actor: str
) -> None:
    every = ",".join(COMMANDS)
    ended = start().say(COMMANDS[command], actor, inputs={"commands": every})
    assert (ended.exit_code, ended.outputs["reason-code"]) == (0, "not-allowed")
    assert ended.outputs["command"] == command
    assert (ended.answers, ended.reactions, ended.asked_ai) == ((), ("-1",), 0)
    assert [line.split(" ")[0] for line in ended.lines] == ["GET", "POST"]


def test_t25_a_person_with_write_may_not_where_admin_is_wanted(start: Start) -> None:
    world = start()
    inputs = {"command-access": "admin"}
    assert world.say("/upshot help", inputs=inputs).outputs["reason-code"] == "not-allowed"
    assert world.say("/upshot help", "ada-admin", inputs=inputs).reactions == ("eyes", "rocket")


def test_t52_bots_and_apps_never_give_commands(start: Start) -> None:
    bot = "helper[bot]"
    ended = start(collaborators={bot: "admin"}).say("/upshot ask Why?", bot)
    assert (ended.outputs["reason-code"], ended.answers) == ("not-allowed", ())
    assert "POST /api/ai/chat/preview" not in ended.lines
    world = start()
    payload = dict(world.payload("/upshot ask Why?"))
    payload["comment"] = {**payload["comment"], "performed_via_github_app": {"slug": "agent"}}
    assert world.deliver(payload).outputs["reason-code"] == "not-allowed"


def test_t52_a_login_that_belongs_to_another_account_now_may_not(start: Start) -> None:
    world = start()
    payload = dict(world.payload("/upshot ask Why?"))
    user = {**payload["comment"]["user"], "id": 4}
    payload["comment"] = {**payload["comment"], "user": user}
    ended = world.deliver(payload)
    assert (ended.outputs["reason-code"], ended.answers) == ("not-allowed", ())


def test_a_command_that_the_workflow_does_not_allow_is_not_carried_out(start: Start) -> None:
    ended = start().say("/upshot ask Why?", inputs={"commands": "help, status"})
    assert (ended.outputs["reason-code"], ended.reactions) == ("not-allowed", ("-1",))
    assert (ended.answers, ended.asked_ai) == ((), 0)


def test_retry_is_not_allowed_unless_it_is_listed(start: Start) -> None:
    ended = start().say("/upshot retry")
    assert (ended.outputs["reason-code"], ended.reactions) == ("not-allowed", ("-1",))


@pytest.mark.parametrize(
    "name", ["issue_comment", "pull_request_review", "pull_request_review_comment"]
)
def test_t51_a_comment_that_was_edited_since_is_refused(start: Start, name: str) -> None:
    ended = start().say("/upshot ask Why?", name=name, edited=True)
    assert (ended.exit_code, ended.outputs["reason-code"]) == (0, "not-allowed")
    assert (ended.answers, ended.reactions, ended.asked_ai) == ((), ("confused",), 0)


def test_t51_a_comment_that_was_deleted_since_is_no_command(start: Start) -> None:
    world = start()
    payload = world.payload("/upshot ask Why?")
    world.world.github.comments.clear()
    ended = world.deliver(payload)
    assert (ended.exit_code, ended.answers, ended.asked_ai) == (0, (), 0)


@pytest.mark.parametrize(
    "name", ["issue_comment", "pull_request_review", "pull_request_review_comment"]
)
def test_each_kind_of_comment_is_answered_and_reacted_to(start: Start, name: str) -> None:
    ended = start().say("/upshot help", name=name)
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "rocket"))
    assert "`/upshot ask QUESTION`" in ended.answer
    assert ended.violations == ()


def test_a_comment_on_an_issue_is_left_alone(start: Start) -> None:
    world = start()
    payload: dict[str, Any] = dict(world.payload("/upshot ask Why?"))
    payload["issue"] = {k: v for k, v in payload["issue"].items() if k != "pull_request"}
    ended = world.deliver(payload)
    assert (ended.exit_code, ended.lines, ended.outputs["reason-code"]) == (0, [], "no-subject")


def test_without_a_token_nothing_is_done_and_the_author_must_act(start: Start) -> None:
    ended = start().say("/upshot ask Why?", inputs={"github-token": ""})
    assert (ended.exit_code, ended.lines) == (1, [])
    assert ended.log.count("::error") == 1
    assert ended.outputs["command"] == "ask"


def test_t57_an_outage_of_github_is_no_permission(start: Start) -> None:
    world = start()
    route = "GET /repos/acme/shop/collaborators/tomas-b/permission"
    world.world.faults.add(Fault(route, FaultKind.STATUS, status=503))
    ended = world.say("/upshot ask Why?")
    assert (ended.exit_code, ended.outputs["reason-code"]) == (0, "github-unavailable")
    assert (ended.answers, ended.asked_ai) == ((), 0)
    assert "::warning" in ended.log
    assert world.say("/upshot ask Why?", inputs={"strict": "true"}).exit_code == 1


def test_a_token_that_may_not_react_is_a_warning(start: Start) -> None:
    world = start()
    route = "POST /repos/acme/shop/issues/comments/*/reactions"
    world.world.faults.add(Fault(route, FaultKind.STATUS, status=403))
    ended = world.say("/upshot help")
    assert (ended.exit_code, ended.reactions, len(ended.answers)) == (0, (), 1)
    assert "issues: write" in ended.log


def test_dry_run_writes_nothing(start: Start) -> None:
    ended = start().say("/upshot ask Why?", inputs={"dry-run": "true"})
    assert not [line for line in ended.lines if line.startswith("POST /repos/")]
    assert (ended.exit_code, ended.answers, ended.asked_ai) == (0, (), 0)


def test_unknown_words_get_the_help_once(start: Start) -> None:
    world = start()
    first = world.say("/upshot frobnicate")
    assert first.reactions == ("eyes", "confused")
    assert "There is no such command." in first.answer
    assert "| `/upshot help` |" in first.answer
    assert first.outputs["command"] == ""
    again = world.say("/upshot explode")
    assert (again.answers, again.reactions) == ((), ("eyes", "confused"))
