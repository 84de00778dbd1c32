"""A scenario: what the world looks like before the action starts, read from a TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from upshot_sandbox.faults import Fault

FOLDER: Final = Path(__file__).parent / "scenarios"
DEFAULT: Final = "failed-update"
RUN_ID: Final = "19283746501"
"""The workflow run that every scenario plays."""
SOURCE_RUN_ID: Final = "19283700001"
"""The run that a `workflow_run` event is about."""


class EventPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """The event that started the workflow run."""

    name: str = "pull_request"
    action: str = "synchronize"
    actor: str = "maria-lopez"
    comment: str = ""
    """`issue_comment`, `pull_request_review…`: what the person wrote."""
    edited: bool = False
    """The comment was edited since."""
    payload: dict[str, Any] = {}
    """`repository_dispatch`: its `client_payload`, beside the number of the pull request."""


class StepPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One resource of the engine's run, in the order in which the engine takes it."""

    op: str
    """`same`, `create`, `update`, `delete`, `replace`, `read`, `refresh`, `import`."""
    type: str
    name: str
    parent: str = ""
    """Name of the parent resource; the stack when empty."""
    id: str = ""
    diffs: tuple[str, ...] = ()
    inputs: dict[str, Any] = {}
    was: dict[str, Any] = {}
    """What the properties in `diffs` were before; one that is missing is new."""
    protect: bool = False
    takes_s: int = 1
    fails: str = ""
    """The provider's error, one or more lines; the step fails with it."""
    warning: str = ""
    count: int = 1
    """Stands for this many resources, named `NAME-1`, `NAME-2`, …"""


class DiagnosticPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """A message of the engine or of the program."""

    message: str
    severity: str = "error"
    """`info`, `info#err`, `warning` or `error`."""
    resource: str = ""
    """Name of the resource that it belongs to; the stack when empty."""


class PolicyPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy violation."""

    policy: str
    pack: str
    message: str
    resource: str
    enforcement: str = "mandatory"
    severity: str = "high"


class UpdatePlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One update or preview that Pulumi Cloud knows."""

    id: str
    kind: str = "update"
    version: int = 1
    result: str = "succeeded"
    """`succeeded`, `failed`, `in-progress`."""
    message: str = ""
    refreshes: bool = False
    """A preview that only refreshes: `pulumi refresh --preview-only`."""
    ago_s: int = 90
    """Seconds since it started."""
    of_this_run: bool = True
    """It was started by the workflow run of the scenario (same build, commit, pull request)."""
    config: dict[str, str] = {}
    steps: tuple[StepPlan, ...] = ()
    outputs: dict[str, Any] = {}
    """Of the stack, after the run; `outputs_were` before it. `[secret]` stands for a secret."""
    outputs_were: dict[str, Any] = {}
    diagnostics: tuple[DiagnosticPlan, ...] = ()
    policies: tuple[PolicyPlan, ...] = ()
    page_size: int = 100
    """Engine events a page."""
    nulls: bool = False
    """States and diffs that are not there are null, as the engine writes them; else empty objects,
    as the service description demands. Clients must take both."""
    hidden: bool = False
    """Pulumi Cloud does not know it; only the files of the workspace tell about it."""

    @property
    def is_preview(self) -> bool:
        return self.kind == "preview"


class DeploymentStepPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a deployment, in order."""

    name: str
    status: str = "succeeded"
    output: str = ""
    """What it prints, `@console` for the console log of the first update."""


class DeploymentPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One run of Pulumi Deployments."""

    version: int
    status: str = "succeeded"
    operation: str = "update"
    steps: tuple[DeploymentStepPlan, ...] = ()
    updates: tuple[str, ...] = ()
    """Ids of the updates that it made."""


class CloudPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """What Pulumi Cloud holds."""

    organization: str = "acme"
    project: str = "shop"
    stack: str = "prod"
    token: str = "valid"
    """`valid`, `expired` or `none` (the workflow has none)."""
    oidc: bool = False
    """The job may ask GitHub for an id token, and the organization trusts it."""
    oidc_error: str = ""
    """`error` of a refused exchange, such as `invalid_grant`."""
    wire: str = "today"
    """`today` or `documented` (see `neo`)."""
    updates: tuple[UpdatePlan, ...] = ()
    deployments: tuple[DeploymentPlan, ...] = ()


class ReplyPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One reply of Copilot; the last one of the list stays for all later requests."""

    text: str = ""
    """Markdown of the assistant's answer."""
    when: str = ""
    """Only for a request whose query, skill or evidence holds this text."""
    status: int = 200
    body: str = ""
    """Sent as it is instead of a conversation, when not empty or when `status` is not 200."""
    content_type: str = "text/plain"
    headers: dict[str, str] = {}
    error: str = ""
    """`error` field of a reply with status 200."""
    details: str = ""
    silent: bool = False
    """No assistant message of kind `response`."""
    after_comment: bool = False
    """It comes only when the pull request has a comment by the bot, or after 20 seconds."""
    program: dict[str, str] = {}
    """`code`, `language`, `instructions`: a message of kind `program`."""


class CopilotPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How Copilot behaves."""

    speaks: tuple[str, ...] = ("chat", "skill")
    forgets: tuple[str, ...] = ()
    """Conversation ids that are gone."""
    knows: tuple[str, ...] = ()
    """Conversation ids that exist from earlier runs."""
    replies: tuple[ReplyPlan, ...] = ()


class JobStepPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a workflow's job."""

    run: str
    """What it runs: `pulumi/actions@v6`, or a script of one or more lines."""
    name: str = ""
    """As GitHub lists it; `Run …` when empty."""
    inputs: dict[str, str] = {}
    """`with:` of an action."""
    env: dict[str, str] = {}
    output: str = ""
    """What it prints, `@console` for the console log of an update."""
    update: int = 0
    """Which update, by its place in the scenario."""
    stack: str = ""
    """Another name for the stack in that log."""
    conclusion: str = "success"
    takes_s: int = 6


class JobPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """A job of the workflow run that ran Pulumi."""

    name: str
    status: str = "completed"
    conclusion: str = "success"
    attempt: int = 1
    steps: tuple[JobStepPlan, ...] = ()
    log: str = "there"
    """`there`, `expired` (410), or `lost` (the store has none)."""


class CommentPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """A comment that is on the thread already."""

    author: str
    body: str


class IssuePlan(Struct, frozen=True, forbid_unknown_fields=True):
    """An issue that is there already."""

    author: str
    title: str
    body: str = ""
    state: str = "open"


class ActPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person does after the earlier runs, and before the run that is looked at."""

    by: str
    does: str = "comment"
    """`comment`, `review`, `push`, `environment`, or `preview`: the stack's next update takes its
    first one's place; or `update`: Pulumi Cloud knows the hidden updates now, and no others."""
    text: str = ""
    """Of the comment or review; `{id}` stands for the id that the newest report asks with."""
    state: str = "APPROVED"
    """Of a review; `approved` or `rejected` of an environment."""
    environment: str = "production"


class GitHubPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """What GitHub holds."""

    repository: str = "acme/shop"
    token: str = "write"
    """`write`, `read`, `app` (may store secrets), `bad` (unknown to GitHub) or `none` (empty)."""
    pull_request: int = 7
    """0: there is none."""
    title: str = "Run the API on Fargate"
    branch: str = "api-on-fargate"
    author: str = "maria-lopez"
    fork: bool = False
    locked: bool = False
    state: str = "open"
    people_talk: int = 0
    """So many comments by people are on the thread."""
    comments: tuple[CommentPlan, ...] = ()
    issues: tuple[IssuePlan, ...] = ()
    issues_off: bool = False
    """The repository has no issues."""
    graphql: bool = True
    collaborators: dict[str, str] = {}
    """Login -> `admin`, `write` or `read`; who is not here has `none`."""
    attempt_ago_s: int = 600
    """Seconds since this attempt of the workflow run began."""
    jobs: tuple[JobPlan, ...] = ()
    """Jobs of the run that ran Pulumi: of the one that a `workflow_run` event names, else of our run."""


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the `scenarios` folder."""

    title: str
    name: str = ""
    story: str = ""
    """What to look at, for a person who runs it."""
    exit_code: int = 0
    """What the action must end with."""
    event: EventPlan = EventPlan()
    earlier: tuple[dict[str, str], ...] = ()
    """Inputs of runs of the action that came before, over `inputs`."""
    then: tuple[ActPlan, ...] = ()
    starts_again: bool = False
    """The run is an earlier one, started again: with the payload of before `then`."""
    inputs: dict[str, str] = {}
    env: dict[str, str] = {}
    files: dict[str, str] = {}
    """Files of the workspace: path -> text, or `@console`, `@events` to have the first update's
    console log or event log written there."""
    cloud: CloudPlan = CloudPlan()
    copilot: CopilotPlan = CopilotPlan()
    github: GitHubPlan = GitHubPlan()
    neo: dict[str, Any] = {}
    """Read by `upshot_sandbox.neo.routes`."""
    accounts: dict[str, Any] = {}
    """Read by `upshot_sandbox.accounts`."""
    powabase: dict[str, Any] | None = None
    """Read by `upshot_sandbox.powabase`; without it no Powabase is served."""
    fleet: dict[str, Any] = {}
    """Read by `upshot_sandbox.cloud.fleet`."""
    protocol: dict[str, Any] = {}
    """Read by `upshot_sandbox.cloud.protocol`."""
    faults: tuple[Fault, ...] = ()

    def before_comment(self) -> Scenario:
        """For the earlier runs: they came of the pull request itself where a comment starts the last."""
        is_comment = self.event.name == "issue_comment"
        return msgspec.structs.replace(self, event=EventPlan()) if is_comment else self

    @property
    def deploying_run(self) -> str:
        """Id of the run whose jobs ran Pulumi."""
        return SOURCE_RUN_ID if self.event.name == "workflow_run" else RUN_ID


class NoSuchScenario(LookupError):
    """There is no scenario file of that name."""


def scenario_names() -> list[str]:
    """Every scenario, the default first, the rest by name."""
    names = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return sorted(names, key=lambda name: name != DEFAULT)


def load_scenario(name: str) -> Scenario:
    """The scenario of that name.

    Raises `NoSuchScenario`, and `msgspec.ValidationError` when the file is wrong.
    """
    if name not in scenario_names():
        raise NoSuchScenario(name)
    return parse_scenario((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name)


def parse_scenario(text: str, name: str) -> Scenario:
    """A scenario from the text of a file."""
    return msgspec.structs.replace(msgspec.toml.decode(text, type=Scenario), name=name)
