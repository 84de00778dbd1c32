"""A bug in the middle of an operation: the traceback is printed, and holds no token (T66)."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from tests.stage import StillClock
from tests.unit.accounts.shapes import CLAIM_TOKEN

from upshot.__main__ import Action
from upshot.pulumi.agents.exposure import shows
from upshot.secret import Secret

ACCESS = "pul-0123456789abcdef0123456789abcdef01234567"
CHALLENGE = {"challengeID": "one", "challengeData": "v1:abcdef:1"}


def break_down(_: httpx.Request) -> httpx.Response:
    raise RuntimeError(f"cannot read {CLAIM_TOKEN}: https://app.pulumi.com/claim/{CLAIM_TOKEN}")


def give_account(request: httpx.Request) -> httpx.Response:
    if request.method == "GET":
        return httpx.Response(200, json=CHALLENGE)
    account = {
        "accessToken": ACCESS,
        "claimToken": CLAIM_TOKEN,
        "userInfo": {"githubLogin": f"agent\ud800{CLAIM_TOKEN}"},
    }
    return httpx.Response(200, json=account, headers={"X-Pulumi-Warning": CLAIM_TOKEN})


def run(folder: Path, operation: str, http: httpx.MockTransport, temp: str) -> tuple[int, str]:
    """Exit code, and everything that is shown: the log without masks, summary and outputs."""
    files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    env = {
        "INPUT_MODE": "account",
        "INPUT_ACCOUNT-OPERATION": operation,
        "INPUT_CLAIM-TOKEN": CLAIM_TOKEN if operation != "signup" else "",
        "INPUT_ORGANIZATION": "acme",
        "INPUT_PULUMI-ACCESS-TOKEN": ACCESS,
        "INPUT_COMMENT-MODE": "off",
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_WORKSPACE": str(folder),
        "RUNNER_DEBUG": "1",
        "RUNNER_TEMP": temp,
        **{name: str(path) for name, path in files.items()},
    }
    out = io.StringIO()
    code = Action(env, out, StillClock(), http=http).run()
    lines = [line for line in out.getvalue().splitlines() if not line.startswith("::add-mask::")]
    texts = [path.read_text("utf-8") for path in files.values() if path.exists()]
    return code, "\n".join([*lines, *texts])


@pytest.mark.parametrize(
    ("operation", "code"), [("validate", 0), ("preview-claim", 0), ("claim", 1), ("status", 0)]
)
def test_t66_no_traceback_shows_the_claim_token(tmp_path: Path, operation: str, code: int) -> None:
    http = httpx.MockTransport(break_down)
    ended, shown = run(tmp_path, operation, http, str(tmp_path))
    assert "Traceback" in shown
    assert "RuntimeError" in shown
    assert ended == code
    assert not shows(shown, Secret(CLAIM_TOKEN))


@pytest.mark.parametrize("temp", ["with\0nothing", "/proc/self/nowhere"])
def test_t66_a_sign_up_whose_tokens_cannot_be_kept_shows_neither(tmp_path: Path, temp: str) -> None:
    ended, shown = run(tmp_path, "signup", httpx.MockTransport(give_account), temp)
    assert ended == 1
    assert not shows(shown, Secret(CLAIM_TOKEN))
    assert not shows(shown, Secret(ACCESS))
