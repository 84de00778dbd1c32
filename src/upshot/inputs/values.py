"""What the workflow's author asked for, as typed values; nothing here is still to be checked.

Paths are real paths inside the workspace or the runner's scratch folder, or empty when not given.
Every default is the one that action.yml declares (a contract test compares them).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from upshot.errors import InputError
from upshot.inputs.choices import (
    ApiDialect,
    ApprovalMode,
    CommentMode,
    CommentOn,
    Conversation,
    FailOn,
    NotifyOn,
    OnTimeout,
    PermissionMode,
    StepOutcome,
    TokenType,
)
from upshot.model import RiskLevel, StackRef, Subject
from upshot.secret import Secret
from upshot.subject import StackName


class LogFrom(Struct, frozen=True):
    """Whose log GitHub is asked for."""

    job: str = ""
    """The job's name; empty for every job of the run."""


class DeploymentRef(Struct, frozen=True):
    """The Pulumi Deployment that `deployment-url` names."""

    stack: StackRef
    version: int


class SubjectInputs(Struct, frozen=True):
    """Which update or preview is meant, and where its evidence lies."""

    update: Subject | None = None
    """The update or preview that `update-url` names."""
    name: StackName | None = None
    """From `stack-name`, `organization` and `project-name`."""
    deployment: DeploymentRef | None = None
    stacks: tuple[StackRef, ...] = ()
    """Mode `explain`: the stacks whose newest update is looked at, instead of one update."""
    organization: str = ""
    """From `organization`, else as `update-url` or `stack-name` has it."""
    work_dir: str = ""
    """The folder of `Pulumi.yaml`; empty for the workspace."""
    events_file: str = ""
    """May be missing on disk: a step that failed early never wrote it."""
    log_file: str = ""
    """May be missing on disk."""
    log: str = ""
    """Console output as text, such as another step's output."""
    log_from: LogFrom | None = None
    """Jobs of the run whose logs are read: of the run that a `workflow_run` event names, else of
    this one."""
    outcome: StepOutcome | None = None
    reports_folder: str = ""
    """Mode `collect`: where the reports of other jobs lie."""


class AskInputs(Struct, frozen=True):
    """Whom to ask, what, and how."""

    backend: str = "auto"
    """`auto` or a name of `registry.BACKENDS`."""
    prompt: str = ""
    """From `prompt` or `prompt-file`."""
    conversation_id: str = ""
    task_id: str = ""
    conversation: Conversation = Conversation.NEW
    approval_mode: ApprovalMode = ApprovalMode.MANUAL
    permission_mode: PermissionMode = PermissionMode.READ_ONLY
    plan_mode: bool = False
    cancel_task_on_cancel: bool = True
    on_timeout: OnTimeout = OnTimeout.REPORT
    max_calls: int = 20
    """Requests to an AI after which no further question is asked, in one run."""
    ask_again: bool = False
    """Ask also where our comment has the answer to the same question."""
    max_wait_s: float = 600.0
    """Bound for one answer or one turn of a task; `timeout` bounds the whole run."""
    api_dialect: ApiDialect = ApiDialect.AUTO


class PulumiInputs(Struct, frozen=True):
    """How to reach Pulumi Cloud."""

    access_token: Secret | None = None
    """From the input, else from PULUMI_ACCESS_TOKEN; it wins over an exchange."""
    requested_token_type: TokenType | None = None
    """Set: exchange GitHub's id token when there is no `access_token`."""
    scope: str = ""
    token_expiration_s: int | None = None
    cloud_url: str = "https://api.pulumi.com"
    """Address of the API, no trailing slash."""
    console_url: str = ""
    """As given; `console` is what it comes to."""
    console: str = "https://app.pulumi.com"
    """Origin of the console, for links, and to recognise Pulumi's addresses; empty when unknown."""


class PublishInputs(Struct, frozen=True):
    """Where the report goes, and in which form."""

    github_token: Secret | None = None
    pr_number: int | None = None
    comment_mode: CommentMode = CommentMode.UPDATE
    comment_on: CommentOn = CommentOn.ALWAYS
    comment_key: str = "default"
    matrix_values: dict[str, Any] = {}
    """Of this job of a matrix."""
    notify_on: NotifyOn = NotifyOn.FAILURE
    job_summary: bool = True
    annotations: bool = True
    commit_status: str = ""
    """Name of the status; empty for none."""
    template_file: str = ""


class PolicyInputs(Struct, frozen=True):
    """What makes the step fail, and what must not be shown."""

    fail_on: tuple[FailOn, ...] = ()
    """Empty for `never`."""
    risk_threshold: RiskLevel = RiskLevel.HIGH
    mask_patterns: tuple[str, ...] = ()
    """Regular expressions that compile and match no empty text."""


class RunInputs(Struct, frozen=True):
    """How Upshot itself runs."""

    timeout_s: float = 900.0
    dry_run: bool = False
    transcript_file: str = ""
    replay_file: str = ""
    strict: bool = False


class Inputs(Struct, frozen=True):
    mode: str = "explain"
    """A name of `registry.MODES`."""
    subject: SubjectInputs = SubjectInputs()
    ask: AskInputs = AskInputs()
    pulumi: PulumiInputs = PulumiInputs()
    publish: PublishInputs = PublishInputs()
    policy: PolicyInputs = PolicyInputs()
    run: RunInputs = RunInputs()
    own: dict[str, Any] = {}
    """Name of a mode or publisher -> the inputs that belong to it alone."""
    secrets: tuple[Secret, ...] = ()
    """All that must be masked before anything is printed."""
    problems: tuple[InputError, ...] = ()
    """Wrong inputs whose default stands in: the report is published, then the run ends with 1."""
    warnings: tuple[str, ...] = ()
    """About names that are no inputs."""
