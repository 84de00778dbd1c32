"""The log of a job of GitHub Actions: all of its steps, of which only some are Pulumi's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.evidence import accounts_from_console
from upshot.evidence.job_log import JobLogFilter
from upshot.model import Facts, Outcome, StackRef, UpdateKind

UP = """\
##[group]Run pulumi/actions@v6
with:
  command: up
  stack-name: acme/dev
env:
  AWS_REGION: eu-central-1
##[endgroup]
##[group]pulumi up on acme/dev
\x1b[38;5;13m\x1b[1mUpdating (acme/dev)\x1b[0m

View Live: https://app.pulumi.com/acme/web/dev/updates/41

\x1b[38;5;2m +  aws:s3:Bucket assets creating (0s)\x1b[0m
@ updating....
 +  aws:s3:Bucket assets creating (1s) error: creating S3 Bucket (assets): BucketAlreadyExists
 +  aws:s3:Bucket assets **creating failed** error: creating S3 Bucket (assets): BucketAlreadyExists
    pulumi:pulumi:Stack web-dev **failed** 1 error
\x1b[38;5;13m\x1b[1mDiagnostics:\x1b[0m
  \x1b[38;5;13m\x1b[1maws:s3:Bucket (assets):\x1b[0m
    \x1b[38;5;9merror: \x1b[0mcreating S3 Bucket (assets): BucketAlreadyExists: The name is taken.

Resources:
    3 unchanged

Duration: 3s

##[endgroup]
##[error]Process completed with exit code 255.
"""
GOOD = """\
##[group]Run pulumi up --yes --stack dev
\x1b[36;1mpulumi up --yes --stack dev\x1b[0m
shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}
env:
  PULUMI_ACCESS_TOKEN: ***
##[endgroup]
Updating (dev):
 +  aws:s3:Bucket assets created (1s)
    pulumi:pulumi:Stack web-dev
Resources:
    + 1 created
    3 unchanged

Duration: 3s
"""
BEFORE = """\
##[group]Run npm ci
\x1b[36;1mnpm ci\x1b[0m
shell: /usr/bin/bash -e {0}
env:
  PULUMI_ACCESS_TOKEN: ***
##[endgroup]
added 300 packages
"""
NOISY = """\
##[group]Run npm run smoke
\x1b[36;1mnpm run smoke\x1b[0m
shell: /usr/bin/bash -e {0}
env:
  PULUMI_ACCESS_TOKEN: ***
##[endgroup]
error: the stack of the old page failed to load, pulumi said: update failed
Traceback (most recent call last):
  File "smoke.py", line 1, in <module>
RuntimeError: the stack is not there
"""
AFTER = """\
Post job cleanup.
[command]/usr/bin/git version
error: could not lock config file of the stack
"""


def stamped(text: str, start: int = 0) -> bytes:
    """As GitHub gives it: a byte order mark, and before each line its time, a line a second."""
    lines = text.splitlines()
    times = (f"2026-01-01T00:{n // 60:02}:{n % 60:02}.1234567Z " for n in range(start, 3_600))
    return (
        b"\xef\xbb\xbf" + "".join(f"{t}{x}\n" for t, x in zip(times, lines, strict=False)).encode()
    )


def read(text: str, size: int = 0) -> tuple[Facts, ...]:
    return accounts_from_console(JobLogFilter(pieces(stamped(text), size)))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size or len(data)):
        yield data[at : at + (size or len(data))]


@pytest.mark.parametrize("size", [0, 1, 7, 100])
def test_a_failed_update_of_pulumi_actions(size: int) -> None:
    (facts,) = read(BEFORE + UP + AFTER, size)
    assert facts.outcome is Outcome.FAILED
    assert facts.kind is UpdateKind.UPDATE
    assert facts.stack == StackRef("acme", "web", "dev")
    assert facts.links == ("https://app.pulumi.com/acme/web/dev/updates/41",)
    (failure,) = facts.failures
    assert failure.message == "creating S3 Bucket (assets): BucketAlreadyExists: The name is taken."


def test_what_other_steps_print_after_the_engine_is_not_about_the_deployment() -> None:
    (facts,) = read(BEFORE + GOOD + NOISY + AFTER)
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.failures == ()
    assert facts.warnings == ()


def test_a_later_step_that_names_pulumi_is_read_also_without_a_heading() -> None:
    refused = (
        "##[group]Run pulumi up --yes\n\x1b[36;1mpulumi up --yes\x1b[0m\n##[endgroup]\n"
        "error: [409] Conflict: Another update is currently in progress.\n"
    )
    preview = GOOD.replace("Updating", "Previewing update").replace("created (1s)", "create")
    (facts,) = read(preview.replace("\nDuration: 3s\n", "") + refused)
    assert facts.outcome is Outcome.FAILED
    assert "Another update is currently in progress" in facts.failures[0].message


def test_a_later_step_of_another_tool_is_read_from_the_engines_heading_on() -> None:
    made = "##[group]Run make deploy\n\x1b[36;1mmake deploy\x1b[0m\n##[endgroup]\nerror: no rule\n"
    (facts,) = read(GOOD + made + UP[UP.index("\x1b[38;5;13m\x1b[1mUpdating") :])
    assert facts.outcome is Outcome.FAILED
    assert all("no rule" not in failure.message for failure in facts.failures)


def test_a_group_that_a_script_prints_is_no_header_of_a_step() -> None:
    grouped = GOOD.replace("Updating (dev):", "##[group]Run the update\nUpdating (dev):")
    (facts,) = read(grouped + "##[endgroup]\n")
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.counts == {"create": 1, "same": 3}


def test_a_script_that_quotes_the_engine_is_not_the_engine() -> None:
    quoting = (
        "##[group]Run echo\n\x1b[36;1mUpdating (prod):\x1b[0m\n\x1b[36;1mResources:\x1b[0m\n"
        "shell: /usr/bin/bash -e {0}\n##[endgroup]\n"
    )
    lines = JobLogFilter([stamped(quoting)])
    (facts,) = accounts_from_console(lines)
    assert facts == Facts()
    assert not lines.has_engine


def test_two_stacks_in_one_job_are_two_accounts() -> None:
    found = read(GOOD + GOOD.replace("dev", "prod"))
    assert [facts.stack and facts.stack.stack for facts in found] == ["dev", "prod"]


def test_the_times_of_the_engine_are_those_of_its_headings() -> None:
    lines = JobLogFilter([stamped(BEFORE + GOOD + NOISY)])
    list(lines)
    start = 1_767_225_600.0
    heading = len((BEFORE + GOOD[: GOOD.index("Updating")]).splitlines())
    assert lines.has_engine
    assert lines.times[0] == start + heading
    assert lines.times[-1] == start + len((BEFORE + GOOD).splitlines()) - 1


def test_a_log_without_times_is_read_as_well() -> None:
    lines = JobLogFilter([GOOD.encode()])
    (facts,) = accounts_from_console(lines)
    assert facts.outcome is Outcome.SUCCEEDED
    assert lines.times == ()


def test_t38_a_line_without_end_takes_no_memory_of_its_length() -> None:
    lines = JobLogFilter(b"x" * 65_536 for _ in range(200))
    assert max(len(piece) for piece in lines) <= 3 * 65_536


@given(
    st.lists(
        st.sampled_from([*UP.splitlines(), *NOISY.splitlines(), *AFTER.splitlines(), "", "\r", "x"])
    ),
    st.integers(1, 40),
)
def test_pieces_of_any_size_give_the_same(lines: list[str], size: int) -> None:
    data = stamped("\n".join(lines))
    whole, cut = JobLogFilter([data]), JobLogFilter(pieces(data, size))
    assert b"".join(whole) == b"".join(cut)
    assert (whole.times, whole.has_engine) == (cut.times, cut.has_engine)


@given(st.lists(st.binary(max_size=60)))
def test_whatever_the_bytes_are_nothing_is_invented(data: list[bytes]) -> None:
    assert len(b"".join(JobLogFilter(data))) <= len(b"".join(data))
