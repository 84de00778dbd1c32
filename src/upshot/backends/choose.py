"""Which backend answers: a pure decision, made before anything is sent."""

from __future__ import annotations

from typing import assert_never

from upshot.inputs.choices import BackendChoice
from upshot.model import BackendName, NoAnswer, ReasonCode


def choose_backend(
    choice: BackendChoice, *, has_token: bool, organization: str, is_asking: bool
) -> BackendName | NoAnswer:
    """Whom to ask; a NoAnswer, for `LocalBackend`, when an AI was chosen and cannot be asked.

    `is_asking`: there is a question: a prompt, a failure, a preview, or changes to explain.
    `auto` is Copilot when it can be asked and there is something to ask, else local, in silence:
    nobody asked for an AI, so nothing is missing.
    """
    match choice:
        case BackendChoice.AUTO:
            able = has_token and organization and is_asking
            return BackendName.COPILOT if able else BackendName.LOCAL
        case BackendChoice.COPILOT:
            return _missing(BackendName.COPILOT, has_token, organization) or BackendName.COPILOT
        case BackendChoice.NEO:
            return _missing(BackendName.NEO, has_token, organization) or BackendName.NEO
        case BackendChoice.LOCAL:
            return BackendName.LOCAL
    assert_never(choice)


def _missing(backend: BackendName, has_token: bool, organization: str) -> NoAnswer | None:  # noqa: FBT001 - private
    if not has_token:
        return NoAnswer(
            backend,
            ReasonCode.AI_TOKEN,
            why="there is no Pulumi access token",
            hint="The workflow's author must act: give `pulumi-access-token`, or "
            "`requested-token-type` with the permission `id-token: write`. Pull requests from "
            "forks have neither.",
        )
    if not organization:
        return NoAnswer(
            backend,
            ReasonCode.AI_NOT_FOUND,
            why="the organization is not known",
            hint="The workflow's author must act: give `organization`, or a `stack-name` of the "
            "form organization/project/stack.",
        )
    return None
