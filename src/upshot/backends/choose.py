"""Which backend answers: a pure decision, made before anything is sent."""

from __future__ import annotations

from upshot.model import BackendName, NoAnswer, ReasonCode
from upshot.registry import BACKENDS

AUTO = "auto"


def choose_backend(
    choice: str, *, has_token: bool, organization: str, is_asking: bool
) -> str | NoAnswer:
    """The name of the backend to ask; a NoAnswer when an AI was chosen and cannot be asked.

    `is_asking`: there is a question: a prompt, a failure, a preview, or changes to explain.
    `auto` is Copilot when it can be asked and there is something to ask, else local, without a
    word: the workflow did not ask for an AI, so nothing is missing.
    """
    if choice == AUTO:
        is_able = has_token and organization and is_asking
        return BackendName.COPILOT if is_able else BackendName.LOCAL
    if not BACKENDS[choice].is_ai:
        return choice
    return _missing(choice, has_token=has_token, organization=organization) or choice


def _missing(backend: str, *, has_token: bool, organization: str) -> NoAnswer | None:
    if not has_token:
        return NoAnswer(
            backend,
            ReasonCode.AI_TOKEN,
            why="there is no Pulumi access token",
            hint="In the workflow, give `pulumi-access-token`, or `requested-token-type` with the "
            "permission `id-token: write`. Pull requests from forks have neither.",
            anchor="pulumi-token",
        )
    if not organization:
        return NoAnswer(
            backend,
            ReasonCode.AI_NOT_FOUND,
            why="the organization is not known",
            hint="In the workflow, give `organization`, or a `stack-name` of the form "
            "organization/project/stack.",
            anchor="pulumi-not-found",
        )
    return None
