"""The image away from home: names, certificates, languages, clocks, users, a cancelled job."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from tests.certificates import make_certificate
from tests.image.servers import Names, connect_proxy, names_server, tls_front

from upshot_sandbox import oracle
from upshot_sandbox.runner import SignalAt

if TYPE_CHECKING:
    from tests.image.conftest import Inspect, Job, Start

pytestmark = pytest.mark.image

HOST: Final = "pulumi.company.test"
AUTHORITY: Final = "company.pem"
LOOK_UP: Final = f"import socket; print(socket.gethostbyname({HOST!r}))"
TEMPLATE: Final = '{% extends "report.md.j2" %}{% block steps %}## ÜNSERE{% endblock %}'
SHOWING: Final = "POST /repos/acme/shop/issues/7/comments"
WAITING: Final = {"pace_s": 0.2, "steps": [{"do": "name", "text": "Why?"}, {"do": "wait"}]}


class Company:
    """A company's own addresses of Pulumi Cloud and GitHub, by TLS with an authority of its own."""

    def __init__(self, job: Job, names: Names, folder: Path) -> None:
        self.job = job
        self.names = names
        key, self.certificate = make_certificate(HOST)
        self.key_and_certificate = folder / "both.pem"
        self.key_and_certificate.write_bytes(key + self.certificate)
        self.resolver = folder / "resolv.conf"
        self.resolver.write_text(f"nameserver {names.address}\n")

    def run(self, **env: str) -> Any:
        """A run that finds its services by a server of names, and knows the authority by `env`."""
        services = (self.job.sandbox.cloud_url, self.job.sandbox.github_url)
        ports = [urlsplit(url).port or 0 for url in services]
        with (
            tls_front(ports[0], self.key_and_certificate) as cloud,
            tls_front(ports[1], self.key_and_certificate) as github,
        ):
            api = f"https://{HOST}:{github}"
            return self.job.run(
                inputs={"cloud-url": f"https://{HOST}:{cloud}"},
                env={"GITHUB_API_URL": api, "GITHUB_GRAPHQL_URL": f"{api}/graphql", **env},
                files={AUTHORITY: self.certificate},
                options=[f"--volume={self.resolver}:/etc/resolv.conf:ro"],
            )


@pytest.fixture
def company(start: Start, tmp_path: Path) -> Iterator[Company]:
    with names_server(HOST) as names:
        yield Company(start("failed-update"), names, tmp_path)


def test_a_name_in_etc_hosts_is_found(inside: Inspect) -> None:
    assert inside(LOOK_UP, f"--add-host={HOST}:127.0.0.9").strip() == "127.0.0.9"


def test_services_are_found_by_dns_and_trusted_by_a_companys_own_authority(
    company: Company,
) -> None:
    result = company.run(SSL_CERT_FILE=f"/github/workspace/{AUTHORITY}")
    assert HOST in company.names.asked
    assert result.outputs["comment-action"] == "created"
    assert result.to("cloud")


def test_t33_without_that_authority_they_are_not_trusted(
    company: Company,
) -> None:
    result = company.run()
    assert HOST in company.names.asked
    assert result.exit_code == 0
    assert result.requests == ()
    assert any("SSL_CERT_FILE" in warning for warning in result.warnings)


def test_a_companys_proxy_is_used(company: Company) -> None:
    with connect_proxy() as (port, hosts):
        result = company.run(
            HTTPS_PROXY=f"http://127.0.0.1:{port}", SSL_CERT_FILE=f"/github/workspace/{AUTHORITY}"
        )
    assert result.outputs["comment-action"] == "created"
    assert result.to("cloud")
    assert {host.partition(":")[0] for host in hosts} == {HOST}


def test_the_public_authorities_are_known(inside: Inspect) -> None:
    program = "from upshot.http.network import tls_context; print(tls_context().cert_store_stats())"
    assert "'x509_ca': 1" in inside(program)


@pytest.mark.parametrize("locale", ["", "C", "de_DE.ISO-8859-1", "tr_TR.UTF-8"])
def test_names_and_texts_of_all_languages_are_shown_in_any_locale(
    start: Start, locale: str
) -> None:
    log = "Diagnostics:\n  aws:s3:Bucket (größe-桶):\n    error: Zugriff verweigert: 拒绝访问\n"
    result = start("log-only").run(
        inputs={"log-file": "ausgabe-日志.log"},
        files={"ausgabe-日志.log": log.encode()},
        env={"LC_ALL": locale, "LANG": locale} if locale else {},
    )
    assert result.exit_code == 0
    assert "größe-桶" in result.comments[0]
    assert "拒绝访问" in result.log


def test_a_time_zone_that_is_not_there_changes_nothing(start: Start, inside: Inspect) -> None:
    program = "import datetime; print(datetime.datetime.now().astimezone().utcoffset())"
    assert inside(program, "--env=TZ=Asia/Tokyo").strip() == "0:00:00"
    result = start("nightly").run(env={"TZ": "Asia/Tokyo"})
    assert result.exit_code == 0
    assert result.warnings == []


def test_a_users_template_is_rendered_in_a_process_of_its_own(start: Start) -> None:
    result = start("failed-update").run(
        inputs={"template-file": "t.j2"}, files={"t.j2": TEMPLATE.encode()}
    )
    assert "## ÜNSERE" in result.comments[0]
    assert result.warnings == []


def test_a_users_pattern_masks_what_it_finds(start: Start) -> None:
    """RE2 is a library of C++ that no scenario loads."""
    result = start("failed-update").run(inputs={"mask-patterns": "iam:[A-Z][a-z]+Role"})
    assert "iam:CreateRole" not in result.comments[0]
    assert int(result.outputs["redacted-count"]) > 0


def test_another_user_than_root_reports_what_it_may(start: Start) -> None:
    result = start("failed-update").run(options=["--user=1001:1001"])
    assert result.outputs == {}
    assert len(result.comments) == 1


def test_t47_the_post_stage_stops_the_task_of_a_killed_run(start: Start) -> None:
    """The runner starts it by its path, with the arguments of the entry point."""
    job = start("neo-answer", neo=WAITING)
    killed = job.run(signal_at=SignalAt(SHOWING, signal.SIGKILL))
    job.kill()
    states = oracle.parse_file_commands(killed.machine.command_file("GITHUB_STATE").read_bytes())
    stage = {f"STATE_{name}": value for name, value in states}
    result = job.run(entrypoint="/app/post.py", arguments=["-I", "/app/entrypoint.py"], env=stage)
    assert result.exit_code == 0
    assert "was cancelled with the run" in result.log
    assert [line for line in result.lines if line.endswith("/cancel")]
