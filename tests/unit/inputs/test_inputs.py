"""What the workflow's author writes becomes typed values, or problems, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.errors import InputError, InputErrors
from upshot.inputs import Inputs, parse_inputs
from upshot.inputs.choices import Conversation, FailOn, TokenType
from upshot.inputs.names import variable
from upshot.model import RiskLevel, StackRef
from upshot.registry import MODES
from upshot.subject import StackName
from upshot.workspace import Workspace

DECLARED = tuple(
    yaml.safe_load((Path(__file__).parents[3] / "action.yml").read_text("utf-8"))["inputs"]
)


def parse(root: Path, /, **inputs: str) -> Inputs:
    """Parses inputs given as keywords: `stack_name="dev"` is `with: {stack-name: dev}`."""
    env = {variable(name.replace("_", "-")): value for name, value in inputs.items()}
    return parse_inputs(env, Workspace(str(root.resolve())))


def problems(root: Path, /, **inputs: str) -> list[InputError]:
    """Those that stop the run, and those whose default stands in."""
    try:
        return list(parse(root, **inputs).problems)
    except InputErrors as caught:
        return list(caught.problems)


def problem(root: Path, /, **inputs: str) -> InputError:
    (only,) = problems(root, **inputs)
    return only


def test_nothing_given_is_explain_with_the_documented_defaults(tmp_path: Path) -> None:
    assert parse(tmp_path) == Inputs()


def test_the_runner_keeps_hyphens_and_upper_cases() -> None:
    assert variable("pulumi-access-token") == "INPUT_PULUMI-ACCESS-TOKEN"


def test_empty_values_and_white_space_mean_not_given(tmp_path: Path) -> None:
    assert parse(tmp_path, mode="", backend="  ", timeout="\n") == Inputs()


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        mode="explian",
        stack_name="a b",
        timeout="soon",
        pr_number="-1",
        strict="yes",
        fail_on="delete,destruction",
        log_file="../../etc/passwd",
        github_token="ghs_abc\ndef",
    )
    assert [item.name for item in found] == [
        "mode",
        "stack-name",
        "log-file",
        "github-token",
        "pr-number",
        "fail-on",
        "timeout",
        "strict",
    ]
    assert str(found[0]) == f"input 'mode': got 'explian'; allowed: {', '.join(MODES)}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h", 3600), ("1.5h", 5400), ("0.5", 0.5)],
)
def test_durations(tmp_path: Path, text: str, seconds: float) -> None:
    assert parse(tmp_path, timeout=text).run.timeout_s == seconds


@pytest.mark.parametrize(
    "text", ["0", "0s", "-5", "1d", "10 m", "m", ".", "nan", "inf", "1e3", "25h", "٣", "9" * 40]
)
def test_what_is_no_duration(tmp_path: Path, text: str) -> None:
    assert problem(tmp_path, timeout=text).name == "timeout"


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_booleans_are_yamls(tmp_path: Path, text: str) -> None:
    assert parse(tmp_path, strict=text).run.strict


@pytest.mark.parametrize("text", ["yes", "1", "on", "tRUE"])
def test_what_is_no_boolean(tmp_path: Path, text: str) -> None:
    assert problem(tmp_path, annotations=text).allowed == "true, false"


@pytest.mark.parametrize("text", ["0", "-1", "#12", "1.0", "¹²", "12345678901"])
def test_what_is_no_pull_request_number(tmp_path: Path, text: str) -> None:
    assert problem(tmp_path, pr_number=text).name == "pr-number"


def test_a_pull_request_number(tmp_path: Path) -> None:
    assert parse(tmp_path, pr_number=" 482 ").publish.pr_number == 482


@pytest.mark.parametrize(
    ("mode", "conversation"),
    [
        ("explain", Conversation.NEW),
        ("ask", Conversation.CONTINUE),
        ("task", Conversation.CONTINUE),
    ],
)
def test_explain_starts_anew_and_the_other_modes_continue(
    tmp_path: Path, mode: str, conversation: Conversation
) -> None:
    assert parse(tmp_path, mode=mode, prompt="Why?").ask.conversation is conversation
    chosen = parse(tmp_path, mode=mode, prompt="Why?", conversation="new").ask
    assert chosen.conversation is Conversation.NEW


class TestTokens:
    def test_the_input_wins_over_the_variable(self, tmp_path: Path) -> None:
        env = {"INPUT_PULUMI-ACCESS-TOKEN": "pul-input", "PULUMI_ACCESS_TOKEN": "pul-env"}
        token = parse_inputs(env, Workspace(str(tmp_path))).pulumi.access_token
        assert token is not None
        assert token.reveal() == "pul-input"

    def test_the_variable_is_the_default(self, tmp_path: Path) -> None:
        inputs = parse_inputs({"PULUMI_ACCESS_TOKEN": "pul-env"}, Workspace(str(tmp_path)))
        assert [secret.reveal() for secret in inputs.secrets] == ["pul-env"]

    @pytest.mark.parametrize("space", ["\n", "\r\n", " ", "\t", "\n\n"])
    @pytest.mark.parametrize("key", ["INPUT_PULUMI-ACCESS-TOKEN", "PULUMI_ACCESS_TOKEN"])
    def test_line_ends_around_a_token_are_taken_off(
        self, tmp_path: Path, key: str, space: str
    ) -> None:
        inputs = parse_inputs({key: f"{space}pul-1234{space}"}, Workspace(str(tmp_path)))
        assert [secret.reveal() for secret in inputs.secrets] == ["pul-1234"]

    def test_a_token_of_white_space_alone_is_not_given(self, tmp_path: Path) -> None:
        env = {"INPUT_PULUMI-ACCESS-TOKEN": " \n", "PULUMI_ACCESS_TOKEN": "pul-env\n"}
        inputs = parse_inputs(env, Workspace(str(tmp_path)))
        assert [secret.reveal() for secret in inputs.secrets] == ["pul-env"]
        assert parse(tmp_path, github_token="\n").publish.github_token is None

    @pytest.mark.parametrize("bad", ["pul-12\n34", "pul-12\r34", "pul 1234", "pul-12\x0034", "pül"])
    @pytest.mark.parametrize("key", ["INPUT_PULUMI-ACCESS-TOKEN", "PULUMI_ACCESS_TOKEN"])
    def test_a_broken_token_is_a_problem_that_does_not_show_it(
        self, tmp_path: Path, key: str, bad: str
    ) -> None:
        with pytest.raises(InputErrors) as caught:
            parse_inputs({key: bad}, Workspace(str(tmp_path)))
        (only,) = caught.value.problems
        assert only.name == "pulumi-access-token"
        assert "pul-" not in f"{only} {only.hint} {caught.value!r}"
        assert "pül" not in f"{only} {only.hint}"

    def test_no_form_of_the_inputs_shows_a_token(self, tmp_path: Path) -> None:
        inputs = parse(tmp_path, pulumi_access_token="pul-abcdef", github_token="ghs_abcdef")
        assert "abcdef" not in f"{inputs!r} {inputs} {inputs.secrets}"


class TestSubject:
    def test_a_qualified_stack_name(self, tmp_path: Path) -> None:
        subject = parse(tmp_path, stack_name="acme/web/prod").subject
        assert subject.name == StackName((StackRef("acme", "web", "prod"),))
        assert subject.organization == "acme"

    def test_a_stack_name_with_its_helpers(self, tmp_path: Path) -> None:
        subject = parse(
            tmp_path, stack_name="prod", organization="acme", project_name="web"
        ).subject
        assert subject.name == StackName((StackRef("acme", "web", "prod"),))

    def test_the_update_address_gives_the_stack(self, tmp_path: Path) -> None:
        url = "https://app.pulumi.com/acme/web/prod/updates/41"
        subject = parse(tmp_path, update_url=url).subject
        assert subject.update is not None
        assert subject.update.stack == StackRef("acme", "web", "prod")
        assert (subject.update.version, subject.organization) == (41, "acme")

    def test_a_stack_name_must_not_contradict_the_update_address(self, tmp_path: Path) -> None:
        url = "https://app.pulumi.com/acme/web/prod/updates/41"
        assert parse(tmp_path, update_url=url, stack_name="prod").subject.name is not None
        assert problem(tmp_path, update_url=url, stack_name="dev").name == "stack-name"

    def test_an_update_of_another_host_is_refused(self, tmp_path: Path) -> None:
        found = problem(tmp_path, update_url="https://evil.example/acme/web/prod/updates/41")
        assert found.name == "update-url"

    def test_a_self_hosted_console(self, tmp_path: Path) -> None:
        inputs = parse(
            tmp_path,
            cloud_url="https://pulumi-api.acme.example",
            console_url="https://pulumi.acme.example/",
            update_url="https://pulumi.acme.example/acme/web/prod/updates/41",
        )
        assert inputs.pulumi.console == "https://pulumi.acme.example"
        assert inputs.subject.update is not None

    def test_the_consoles_variable_counts(self, tmp_path: Path) -> None:
        env = {
            "INPUT_CLOUD-URL": "https://pulumi-api.acme.example",
            "PULUMI_CONSOLE_DOMAIN": "pulumi.acme.example",
        }
        pulumi = parse_inputs(env, Workspace(str(tmp_path))).pulumi
        assert pulumi.console == "https://pulumi.acme.example"

    def test_outcomes_are_githubs_words(self, tmp_path: Path) -> None:
        assert parse(tmp_path, outcome="cancelled").subject.outcome == "cancelled"
        assert problem(tmp_path, outcome="failed").allowed == "success, failure, cancelled, skipped"


class TestFiles:
    def test_evidence_that_was_never_written_is_no_problem(self, tmp_path: Path) -> None:
        inputs = parse(tmp_path, events_file="events.json", log_file="out/pulumi.log")
        assert inputs.subject.events_file == str(tmp_path.resolve() / "events.json")

    @pytest.mark.parametrize("name", ["prompt_file", "template_file", "replay_file"])
    def test_other_files_must_be_there(self, tmp_path: Path, name: str) -> None:
        found = problem(tmp_path, **{name: "nope.txt"})
        assert "No such file" in found.allowed

    @pytest.mark.parametrize(
        "name",
        ["events_file", "log_file", "prompt_file", "template_file", "transcript_file"],
    )
    def test_t37_no_path_leaves_the_workspace(self, tmp_path: Path, name: str) -> None:
        workspace = tmp_path / "checkout"
        workspace.mkdir()
        (tmp_path / "secret.txt").write_text("outside")
        (workspace / "link.txt").symlink_to(tmp_path / "secret.txt")
        for path in ("../secret.txt", "/etc/passwd", "link.txt"):
            assert "inside the workspace" in problem(workspace, **{name: path}).allowed

    def test_the_prompt_may_come_from_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "prompt.md").write_bytes(b"\xef\xbb\xbfWhy?\r\nAnd how?\r\n")
        ask = parse(tmp_path, mode="ask", prompt_file="prompt.md").ask
        assert ask.prompt == "Why?\nAnd how?"

    def test_a_prompt_file_larger_than_a_variable_can_be_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "prompt.md").write_bytes(b"x" * 131_073)
        assert "131,072" in problem(tmp_path, prompt_file="prompt.md").allowed

    def test_a_folder_is_no_prompt(self, tmp_path: Path) -> None:
        (tmp_path / "prompt.md").mkdir()
        assert problem(tmp_path, prompt_file="prompt.md").name == "prompt-file"

    def test_prompt_and_prompt_file_exclude_each_other(self, tmp_path: Path) -> None:
        (tmp_path / "prompt.md").write_text("Why?")
        assert problem(tmp_path, prompt="How?", prompt_file="prompt.md").name == "prompt-file"


class TestTogether:
    def test_ask_needs_a_question(self, tmp_path: Path) -> None:
        assert problem(tmp_path, mode="ask").name == "prompt"
        assert problem(tmp_path, mode="ask", prompt_file="nope").name == "prompt-file"

    def test_a_task_is_neos(self, tmp_path: Path) -> None:
        assert problem(tmp_path, mode="task", backend="copilot").name == "backend"
        assert parse(tmp_path, mode="task", backend="neo").mode == "task"

    def test_collect_needs_reports(self, tmp_path: Path) -> None:
        assert problem(tmp_path, mode="collect").name == "reports-folder"
        assert parse(tmp_path, mode="collect", reports_folder="reports").subject.reports_folder

    def test_an_exchange_needs_an_organization(self, tmp_path: Path) -> None:
        kind = TokenType.ORGANIZATION
        assert problem(tmp_path, requested_token_type=kind).name == "organization"
        inputs = parse(tmp_path, requested_token_type=kind, stack_name="acme/web/prod")
        assert inputs.subject.organization == "acme"

    @pytest.mark.parametrize(
        ("kind", "scope", "fits"),
        [
            ("organization", "", True),
            ("organization", "admin", True),
            ("organization", "team:x", False),
            ("team", "team:platform", True),
            ("team", "team:", False),
            ("personal", "user:ada", True),
            ("personal", "ada", False),
            ("runner", "runner:ci", True),
            ("runner", "", False),
        ],
    )
    def test_the_scope_fits_the_kind_of_token(
        self, tmp_path: Path, kind: str, scope: str, *, fits: bool
    ) -> None:
        given_inputs = {
            "organization": "acme",
            "requested_token_type": f"urn:pulumi:token-type:access_token:{kind}",
            "scope": scope,
        }
        if fits:
            assert parse(tmp_path, **given_inputs).pulumi.scope == scope
        else:
            assert problem(tmp_path, **given_inputs).name == "scope"


class TestPolicy:
    def test_fail_on_is_a_list(self, tmp_path: Path) -> None:
        policy = parse(tmp_path, fail_on="delete, stateful-replace\nrisk,delete").policy
        assert policy.fail_on == (FailOn.DELETE, FailOn.STATEFUL_REPLACE, FailOn.RISK)

    def test_never_stands_alone(self, tmp_path: Path) -> None:
        assert parse(tmp_path, fail_on="never").policy.fail_on == ()
        assert problem(tmp_path, fail_on="never,delete").name == "fail-on"

    def test_a_threshold_that_everything_reaches_is_refused(self, tmp_path: Path) -> None:
        assert parse(tmp_path, risk_threshold="low").policy.risk_threshold is RiskLevel.LOW
        assert problem(tmp_path, risk_threshold="none").name == "risk-threshold"

    def test_mask_patterns_are_lines(self, tmp_path: Path) -> None:
        patterns = parse(tmp_path, mask_patterns="acme-[0-9]{6}\n\n  key=\\w+ ").policy
        assert patterns.mask_patterns == ("acme-[0-9]{6}", "key=\\w+")

    @pytest.mark.parametrize("pattern", ["(", "x*", "", r"(a)\1", "x" * 501])
    def test_t38_a_pattern_that_masks_everything_or_never_ends_is_refused(
        self, tmp_path: Path, pattern: str
    ) -> None:
        found = problem(tmp_path, mask_patterns=f"good-[0-9]+\n{pattern or 'a|'}")
        assert found.name == "mask-patterns"


class TestPublish:
    @pytest.mark.parametrize("key", ["a/b", "a b", "..", "x" * 65, "-->"])
    def test_t20_a_comment_key_cannot_forge_a_marker(self, tmp_path: Path, key: str) -> None:
        assert problem(tmp_path, comment_key=key).name == "comment-key"

    def test_a_commit_status_is_one_line(self, tmp_path: Path) -> None:
        assert parse(tmp_path, commit_status="pulumi / prod").publish.commit_status
        assert problem(tmp_path, commit_status="a\nb").name == "commit-status"


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://api.pulumi.com",
            "https://user:pass@api.pulumi.com",
            "https://api.pulumi.com?x=1",
            "https://169.254.169.254",
            "https://2130706433",
            "ftp://api.pulumi.com",
            "s3://bucket",
            "api.pulumi.com",
            "https://",
            "https://app.pulumi.com",
        ],
    )
    def test_t31_a_token_goes_to_no_such_address(self, tmp_path: Path, url: str) -> None:
        found = problem(tmp_path, cloud_url=url)
        assert found.name == "cloud-url"
        assert "pass@" not in str(found)

    def test_plain_http_is_for_this_machine(self, tmp_path: Path) -> None:
        pulumi = parse(tmp_path, cloud_url="http://127.0.0.1:8080/").pulumi
        assert pulumi.cloud_url == "http://127.0.0.1:8080"


class TestMisspelled:
    def test_a_misspelled_input_gets_a_suggestion(self, tmp_path: Path) -> None:
        inputs = parse(tmp_path, stakc_name="acme/web/prod", **{"comment-on-pr": "true"})
        assert inputs.warnings == (
            "there is no input 'stakc-name'; did you mean 'stack-name'?",
            "there is no input 'comment-on-pr'; did you mean 'comment-mode'?",
        )

    def test_an_underscore_instead_of_a_hyphen(self, tmp_path: Path) -> None:
        inputs = parse_inputs({"INPUT_STACK_NAME": "x"}, Workspace(str(tmp_path)))
        assert inputs.warnings == ("there is no input 'stack_name'; did you mean 'stack-name'?",)

    def test_the_runners_own_and_the_foreign_are_left_alone(self, tmp_path: Path) -> None:
        env = {"INPUT_ARGS": "", "INPUT_ENTRYPOINT": "", "INPUT_ZZZ": "1", "INPUT_": "", "A": "b"}
        assert parse_inputs(env, Workspace(str(tmp_path))).warnings == ()


@given(
    st.dictionaries(
        st.sampled_from([*map(variable, DECLARED), "PULUMI_ACCESS_TOKEN", "INPUT_\x00", "INPUT_X"]),
        st.text(max_size=40) | st.sampled_from(["\n", "0" * 50, "../..", "(" * 30, "[::1", "//"]),
    )
)
@settings(max_examples=300)
def test_any_text_gives_inputs_or_named_problems(env: dict[str, str]) -> None:
    found: tuple[InputError, ...] = ()
    try:
        found = parse_inputs(env, Workspace("/nonexistent-workspace")).problems
    except InputErrors as caught:
        found = caught.problems
    named = {item.name for item in found}
    assert named <= set(DECLARED)
    assert "\n" not in "".join(item.given for item in found)
