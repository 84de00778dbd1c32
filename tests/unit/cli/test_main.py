"""How a command ends where something is wrong with Upshot or with the machine."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Upshot = Callable[..., Any]
TOKEN = "pul-0123456789abcdef0123456789abcdef01234567"
URL = "https://app.pulumi.com/acme/shop/prod/updates/65"


class Broken(io.StringIO):
    """An output that cannot be written to."""

    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self._fault = fault

    def writelines(self, _lines: Any) -> None:
        raise self._fault


def test_a_bug_is_reported_as_one_without_secrets_and_escape_codes(
    upshot: Upshot, log: str
) -> None:
    out = Broken(KeyError(f"\x1b[2J{TOKEN}"))
    run = upshot("explain", log, out=out, PULUMI_ACCESS_TOKEN=TOKEN)
    assert run.exit_code == 70
    assert "this is a bug in Upshot (KeyError); please report it" in run.err
    assert "Traceback" in run.err
    assert TOKEN not in run.err
    assert "\x1b" not in run.err


def test_a_full_disk_is_no_bug(upshot: Upshot, log: str) -> None:
    run = upshot("explain", log, out=Broken(OSError(errno.ENOSPC, "No space left on device")))
    assert run.exit_code == 1
    assert run.err == "upshot: the system refused: No space left on device\n"


def test_an_output_that_nobody_reads_is_the_process_s_business(upshot: Upshot, log: str) -> None:
    with pytest.raises(BrokenPipeError):
        upshot("explain", log, out=Broken(BrokenPipeError()))


@pytest.mark.parametrize("arguments", [("--help",), ("explain", "--help"), ("--version",)])
def test_what_argparse_shows_ends_with_0(
    upshot: Upshot, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        upshot(*arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out


def test_t31_the_token_goes_to_the_host_of_the_api_alone(upshot: Upshot) -> None:
    hosts: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append((request.url.host, request.headers.get("authorization", "")))
        return httpx.Response(404, json={"code": 404, "message": "Not Found"})

    run = upshot("explain", URL, http=httpx.MockTransport(answer), PULUMI_ACCESS_TOKEN=TOKEN)
    assert run.exit_code == 1
    assert set(hosts) == {("api.pulumi.com", f"token {TOKEN}")}
    assert TOKEN not in run.out + run.err


def test_a_pulumi_cloud_of_one_s_own_needs_its_console_s_name(upshot: Upshot) -> None:
    env = {"PULUMI_ACCESS_TOKEN": TOKEN, "PULUMI_BACKEND_URL": "https://pulumi.acme.example"}
    run = upshot("explain", URL, **env)
    assert (run.exit_code, run.out) == (2, "")
    assert "set PULUMI_CONSOLE_DOMAIN" in run.err
