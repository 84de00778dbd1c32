"""Each event tells which pull request and commit the report is about, or leaves it open."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.errors import EventError
from upshot.event import Event, read_event
from upshot.event.targets import _BY_EVENT

HEAD, BASE, MERGE = "a" * 40, "b" * 40, "c" * 40
ZERO = "0" * 40
REPOSITORY = {"id": 7, "full_name": "acme/web", "default_branch": "main"}


def make_env(name: str, **over: str) -> dict[str, str]:
    return {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_SHA": MERGE,
        "GITHUB_REF_NAME": "main",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_RUN_ID": "99",
        "GITHUB_RUN_ATTEMPT": "2",
        "GITHUB_ACTOR": "ada",
        **over,
    }


def make_pull_request(**over: Any) -> dict[str, Any]:
    return {
        "number": 12,
        "head": {"sha": HEAD, "ref": "feature", "repo": {"full_name": "acme/web"}},
        "base": {"sha": BASE, "ref": "main", "repo": {"full_name": "acme/web", "id": 7}},
        **over,
    }


def read(event_name: str, /, pr_number: int | None = None, **payload: Any) -> Event:
    return read_event(
        make_env(event_name), {"repository": REPOSITORY, **payload}, pr_number=pr_number
    )


class TestPullRequest:
    @pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
    def test_the_head_counts_and_not_the_merge_commit(self, name: str) -> None:
        event = read(name, action="synchronize", number=12, pull_request=make_pull_request())
        assert (event.number, event.head_sha, event.run.sha) == (12, HEAD, HEAD)
        assert (event.base_sha, event.base_ref, event.head_branch) == (BASE, "main", "feature")
        assert event.is_fork is False
        assert event.action == "synchronize"
        assert not event.is_comment_triggered

    @pytest.mark.parametrize("repository", [{"full_name": "eve/web"}, None])
    def test_a_fork_also_when_it_is_deleted(self, repository: object) -> None:
        head = {"sha": HEAD, "ref": "feature", "repo": repository}
        assert read("pull_request", pull_request=make_pull_request(head=head)).is_fork is True

    @pytest.mark.parametrize(
        ("name", "owner", "foreign"),
        [
            ("pull_request", "eve", True),
            ("pull_request_review", "eve", True),
            ("pull_request", "acme", False),
            ("pull_request_target", "eve", False),
        ],
    )
    def test_t37_the_checkout_of_a_forks_run_is_the_forks(
        self, name: str, owner: str, *, foreign: bool
    ) -> None:
        head = {"sha": HEAD, "ref": "feature", "repo": {"full_name": f"{owner}/web"}}
        event = read(name, pull_request=make_pull_request(head=head))
        assert event.is_checkout_foreign is foreign

    def test_another_number_overrides_and_leaves_the_rest_open(self) -> None:
        event = read("pull_request", pr_number=13, pull_request=make_pull_request())
        assert (event.number, event.head_sha, event.is_fork) == (13, "", None)
        assert event.run.sha == ""

    def test_the_same_number_changes_nothing(self) -> None:
        pull = make_pull_request()
        assert read("pull_request", pr_number=12, pull_request=pull) == read(
            "pull_request", pull_request=pull
        )


class TestComments:
    comment = {  # noqa: RUF012 - a constant payload
        "id": 5_000_000_001,
        "body": "/upshot ask why?",
        "user": {"login": "eve", "id": 3, "type": "User"},
        "created_at": "2026-11-02T10:00:00Z",
        "updated_at": "2026-11-02T10:05:00Z",
    }

    def test_a_comment_on_a_pull_request_leaves_its_head_open(self) -> None:
        event = read(
            "issue_comment", issue={"number": 12, "pull_request": {}}, comment=self.comment
        )
        assert event.is_comment_triggered
        assert (event.number, event.head_sha, event.run.sha, event.is_fork) == (12, "", "", None)
        assert event.comment is not None
        assert (event.comment.id, event.comment.author_id) == (5_000_000_001, 3)
        assert event.comment.created_at != event.comment.updated_at

    def test_a_comment_on_an_issue_has_no_pull_request(self) -> None:
        assert read("issue_comment", issue={"number": 12}, comment=self.comment).number is None

    def test_a_review_knows_the_commit_it_was_given_for(self) -> None:
        review = {"id": 8, "commit_id": BASE, "submitted_at": "2026-11-02T10:00:00Z", "body": None}
        event = read("pull_request_review", pull_request=make_pull_request(), review=review)
        assert event.comment is not None
        assert event.comment.commit_sha == BASE
        assert event.comment.created_at == event.comment.updated_at == "2026-11-02T10:00:00Z"
        assert event.comment.body == ""
        assert (event.number, event.head_sha) == (12, HEAD)
        assert event.is_comment_triggered

    def test_a_review_comment(self) -> None:
        event = read(
            "pull_request_review_comment", pull_request=make_pull_request(), comment=self.comment
        )
        assert event.is_comment_triggered
        assert event.number == 12


class TestWorkflowRun:
    def run(self, **over: Any) -> dict[str, Any]:
        pull = {"number": 12, "head": {"sha": HEAD}, "base": {"repo": {"id": 7}}}
        return {
            "event": "pull_request",
            "head_sha": HEAD,
            "head_branch": "feature",
            "head_repository": {"full_name": "acme/web"},
            "pull_requests": [pull],
            **over,
        }

    def test_the_pull_request_of_the_same_repository(self) -> None:
        event = read("workflow_run", workflow_run=self.run())
        assert (event.number, event.head_sha, event.is_fork) == (12, HEAD, False)

    def test_a_fork_has_no_list_and_is_to_be_looked_up_by_its_branch(self) -> None:
        event = read(
            "workflow_run",
            workflow_run=self.run(pull_requests=[], head_repository={"full_name": "eve/web"}),
        )
        assert (event.number, event.is_fork) == (None, True)
        assert (event.head_repository, event.head_branch) == ("eve/web", "feature")
        assert event.run.sha == HEAD

    def test_t36_a_number_from_an_artifact_stays_bound_to_the_head(self) -> None:
        event = read("workflow_run", pr_number=666, workflow_run=self.run(pull_requests=[]))
        assert (event.number, event.head_sha, event.is_head_pinned) == (666, HEAD, True)

    def test_a_run_of_a_push_binds_nothing(self) -> None:
        event = read("workflow_run", pr_number=13, workflow_run=self.run(event="push"))
        assert (event.number, event.head_sha, event.is_head_pinned) == (13, "", False)

    def test_pull_requests_of_other_repositories_or_older_heads_do_not_count(self) -> None:
        foreign = {"number": 1, "head": {"sha": HEAD}, "base": {"repo": {"id": 8}}}
        moved = {"number": 2, "head": {"sha": BASE}, "base": {"repo": {"id": 7}}}
        event = read("workflow_run", workflow_run=self.run(pull_requests=[foreign, moved]))
        assert event.number is None

    def test_two_pull_requests_of_one_commit_are_left_open(self) -> None:
        both = [{"number": n, "head": {"sha": HEAD}, "base": {"repo": {"id": 7}}} for n in (1, 2)]
        assert read("workflow_run", workflow_run=self.run(pull_requests=both)).number is None


class TestCommits:
    def test_a_push_gives_commit_and_branch(self) -> None:
        event = read("push", ref="refs/heads/main", after=HEAD, before=BASE)
        assert (event.number, event.head_sha, event.run.sha) == (None, HEAD, HEAD)
        assert (event.head_branch, event.is_fork) == ("main", False)

    def test_a_deleted_branch_has_no_commit(self) -> None:
        event = read("push", ref="refs/heads/old", after=ZERO, before=BASE, deleted=True)
        assert (event.head_sha, event.number) == ("", None)

    def test_a_tag_is_no_branch(self) -> None:
        assert read("push", ref="refs/tags/v1", after=HEAD).head_branch == ""

    @pytest.mark.parametrize("name", ["deployment", "deployment_status"])
    def test_a_deployment(self, name: str) -> None:
        event = read(name, deployment={"sha": HEAD})
        assert (event.number, event.head_sha, event.is_fork) == (None, HEAD, None)

    def test_a_merge_group_names_its_pull_request_in_the_branch(self) -> None:
        ref = f"refs/heads/gh-readonly-queue/main/pr-12-{BASE}"
        group = {"head_ref": ref, "head_sha": HEAD, "base_ref": "refs/heads/main"}
        event = read("merge_group", merge_group=group)
        assert (event.number, event.head_sha, event.base_ref) == (12, HEAD, "main")

    @pytest.mark.parametrize("ref", ["refs/heads/pr-12", f"refs/heads/x/pr-0-{BASE}", "", None])
    def test_other_branches_name_none(self, ref: object) -> None:
        assert read("merge_group", merge_group={"head_ref": ref}).number is None

    @pytest.mark.parametrize("name", ["check_run", "check_suite"])
    def test_checks(self, name: str) -> None:
        pull = {"number": 12, "head": {"sha": HEAD}, "base": {"repo": {"id": 7}}}
        payload: dict[str, Any] = {name: {"head_sha": HEAD, "pull_requests": [pull]}}
        event = read(name, **payload)
        assert (event.number, event.head_sha) == (12, HEAD)

    def test_a_schedule_has_the_default_branchs_commit_and_no_pull_request(self) -> None:
        event = read("schedule", schedule="0 3 * * *")
        assert (event.number, event.run.sha, event.is_fork) == (None, MERGE, False)

    def test_an_event_of_the_future_is_treated_as_a_plain_commit(self) -> None:
        event = read("moon_landing")
        assert (event.number, event.head_sha, event.head_branch) == (None, MERGE, "main")


class TestDispatched:
    def test_a_person_may_name_the_pull_request(self) -> None:
        event = read("workflow_dispatch", inputs={"pr-number": "12"})
        assert (event.number, event.head_sha) == (12, "")

    def test_without_a_number_the_branch_is_looked_up(self) -> None:
        event = read("workflow_dispatch", inputs=None)
        assert (event.number, event.head_branch, event.head_sha) == (None, "main", MERGE)

    @pytest.mark.parametrize("number", ["12; rm -rf /", -1, 0, 1.5, True, None, [12], {"a": 1}])
    def test_t25_a_dispatched_payload_gives_a_positive_integer_or_nothing(
        self, number: object
    ) -> None:
        event = read("repository_dispatch", client_payload={"pr-number": number})
        assert event.number is None

    def test_a_dispatched_number(self) -> None:
        assert read("repository_dispatch", client_payload={"pr-number": 12}).number == 12


class TestRunner:
    def test_the_run_is_reported(self) -> None:
        run = read("push", after=HEAD).run
        assert run.url == "https://github.com/acme/web/actions/runs/99"
        assert (run.run_attempt, run.actor) == ("2", "ada")

    def test_a_re_run_has_two_actors(self) -> None:
        event = read_event(make_env("push", GITHUB_TRIGGERING_ACTOR="bob"), {})
        assert (event.actor, event.triggering_actor) == ("ada", "bob")
        assert read("push").triggering_actor == "ada"

    def test_enterprise_server(self) -> None:
        env = make_env(
            "push",
            GITHUB_API_URL="https://ghe.acme.example/api/v3",
            GITHUB_GRAPHQL_URL="https://ghe.acme.example/api/graphql",
            GITHUB_SERVER_URL="https://ghe.acme.example",
        )
        event = read_event(env, {})
        assert event.addresses.api == "https://ghe.acme.example/api/v3"
        assert event.addresses.graphql == "https://ghe.acme.example/api/graphql"
        assert event.run.url.startswith("https://ghe.acme.example/acme/web/")

    def test_graphql_follows_from_the_api(self) -> None:
        env = make_env("push", GITHUB_API_URL="https://ghe.acme.example/api/v3")
        assert read_event(env, {}).addresses.graphql == "https://ghe.acme.example/api/graphql"
        assert (
            read_event(make_env("push"), {}).addresses.graphql == "https://api.github.com/graphql"
        )

    @pytest.mark.parametrize(
        "over",
        [
            {"GITHUB_API_URL": "http://api.github.com"},
            {"GITHUB_API_URL": "http://192.168.1.7/api/v3"},
            {"GITHUB_API_URL": "https://token@evil.example"},
            {"GITHUB_GRAPHQL_URL": "http://api.github.com/graphql"},
            {"GITHUB_GRAPHQL_URL": "https://evil.example/graphql"},
            {"GITHUB_SERVER_URL": "javascript:alert(1)"},
        ],
    )
    def test_t31_the_token_goes_to_one_https_host(self, over: dict[str, str]) -> None:
        with pytest.raises(EventError, match="GITHUB_"):
            read_event(make_env("push", **over), {})

    @pytest.mark.parametrize(
        "over",
        [
            {"GITHUB_EVENT_NAME": ""},
            {"GITHUB_REPOSITORY": ""},
            {"GITHUB_REPOSITORY": "acme"},
            {"GITHUB_REPOSITORY": "acme/../.."},
            {"GITHUB_REPOSITORY": "acme/web?x"},
        ],
    )
    def test_outside_of_a_workflow_it_says_so(self, over: dict[str, str]) -> None:
        with pytest.raises(EventError) as caught:
            read_event(make_env("push", **over), {})
        assert "GitHub Actions" in caught.value.hint

    @pytest.mark.parametrize("payload", [None, [], "text", 7])
    def test_a_payload_that_is_no_object(self, payload: Any) -> None:
        with pytest.raises(EventError):
            read_event(make_env("push"), payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = [
    "number", "pull_request", "head", "base", "sha", "repo", "full_name", "id", "issue", "comment",
    "review", "user", "login", "body", "workflow_run", "pull_requests", "head_sha", "merge_group",
    "head_ref", "client_payload", "inputs", "pr-number", "after", "ref", "deployment", "check_run",
    "repository", "sender", "event", "action",
]  # fmt: skip
shaped = st.recursive(
    json_values | st.sampled_from([HEAD, ZERO, "acme/web", 12, "refs/heads/x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(
    st.sampled_from([*_BY_EVENT, "unknown"]),
    st.dictionaries(st.sampled_from(FIELDS), shaped, max_size=6),
)
@settings(max_examples=400)
def test_any_payload_gives_a_well_formed_event(name: str, payload: dict[str, Any]) -> None:
    event = read_event(make_env(name), payload)
    assert event.number is None or 0 < event.number < 2**31
    assert event.head_sha == "" or (len(event.head_sha) == 40 and event.head_sha != ZERO)
    assert event.head_repository == "" or event.head_repository.count("/") == 1
    assert isinstance(event.head_branch, str)


@given(st.dictionaries(st.sampled_from([*make_env("x"), "GITHUB_API_URL"]), st.text(max_size=30)))
def test_any_environment_gives_an_event_or_an_event_error(env: dict[str, str]) -> None:
    with contextlib.suppress(EventError):
        assert read_event({**make_env("push"), **env}, {}).repository.count("/") == 1
