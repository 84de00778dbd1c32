"""Replies that are huge, deep, broken or lies cost their own part of the report and nothing else."""

from __future__ import annotations

import pytest
from tests.process.conftest import Start

from upshot_sandbox.faults import Fault, FaultKind

BODIES = {
    "deep": "[" * 200_000,
    "deep and closed": '{"data":' * 20_000 + "1" + "}" * 20_000,
    "huge": '{"data":"' + "x" * 20_000_000 + '"}',
    "a page": "<html>::error::evil</html>",
    "of other types": '{"data":{"repository":{"pullRequest":[1]}},"id":{},"body":7,"messages":5}',
}


def lie(route: str, name: str) -> Fault:
    return Fault(route=route, kind=FaultKind.STATUS, status=200, body=BODIES[name])


@pytest.mark.parametrize("name", ["deep", "huge", "of other types"])
def test_t35_whatever_github_replies_the_summary_is_there(start: Start, name: str) -> None:
    faults = tuple(lie(route, name) for route in ("POST /graphql", "* /repos/*"))
    result = start("log-only", faults=faults).run()
    assert result.exit_code == 0
    assert result.outputs["verdict"] == "failed"
    assert result.outputs["comment-action"] in {"failed", "skipped"}
    assert "CreateBucket" in result.summary
    assert "evil" not in result.log


@pytest.mark.parametrize("name", ["deep and closed", "huge", "a page", "of other types"])
def test_t35_whatever_pulumi_cloud_replies_the_log_explains(start: Start, name: str) -> None:
    result = start("failed-update", faults=(lie("* /api/*", name),)).run(
        inputs={"log-file": "pulumi.log"}
    )
    assert result.exit_code == 0
    assert result.outputs["backend-used"] == "local"
    assert "iam:CreateRole" in result.comments[0]
    assert "evil" not in result.log + result.comments[0]
