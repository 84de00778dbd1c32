"""Lines that something quotes are read as what they quote."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.evidence import facts_from_console
from upshot.evidence.quoting import unfolded, unquoted
from upshot.model import Outcome

LOG = [
    "Updating (acme/prod):",
    "",
    " +  aws:sqs:Queue orders creating (0s)",
    " +  aws:sqs:Queue orders **creating failed** error: creating SQS Queue (orders): denied",
    "Diagnostics:",
    "  aws:sqs:Queue (orders):",
    "    error: creating SQS Queue (orders): api error AccessDenied: no",
]
WIDTH = max(map(len, LOG))
FORMS: dict[str, Callable[[str], str]] = {
    "a quotation": lambda line: f"> {line}".rstrip(),
    "a box": lambda line: f"│ {line:<{WIDTH}} │",
    "comments of a script": lambda line: f"# {line}".rstrip(),
    "comments of a program": lambda line: f"// {line}".rstrip(),
    "strings of Node.js": lambda line: f"      '{line}\\n' +",
    "strings with colours": lambda line: f"  '\\x1B[31m{line}\\x1B[0m\\n' +",
    "strings of Python": lambda line: f'  "{line}\\n"',
}


@pytest.mark.parametrize("quote", FORMS.values(), ids=FORMS.keys())
def test_a_quoted_log_is_read_as_if_it_were_not(quote: Callable[[str], str]) -> None:
    quoted = "\n".join(map(quote, LOG)).encode()
    facts = facts_from_console([quoted])
    assert facts == facts_from_console(["\n".join(LOG).encode()])
    assert facts.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "lines",
    [
        [" +   │  └─ aws:iam:Role            task            created"],
        ["> eslint .", "> tsc"],
        ["      throw new Error('no\\n' + text)"],
        ["| name | size |"],
        ["# shop.example/program", "# shop.example/other"],
        ["#!/bin/sh", "#no", "//no"],
        ["'a string', alone"],
    ],
)
def test_a_few_lines_of_a_tool_are_no_quotation(lines: list[str]) -> None:
    assert list(unquoted(["before", *lines, "after"])) == ["before", *lines, "after"]


def test_a_log_that_is_one_quotation_is_believed_however_short() -> None:
    assert list(unquoted(["> error: the bucket is taken"])) == ["error: the bucket is taken"]
    assert list(unquoted(["", "> no", "> yes"])) == ["", "no", "yes"]


def test_one_quoted_line_is_believed_where_only_pulumi_writes_it() -> None:
    assert list(unquoted(["so:", "> Diagnostics:", "  x"])) == ["so:", "Diagnostics:", "  x"]


def test_what_is_quoted_may_have_times_and_names_of_its_own() -> None:
    stamps = [
        f"> 2026-05-27T17:20:{at}.9{at}Z cd 2026-05-27T17:20:{at}.875Z " for at in range(10, 17)
    ]
    quoted = [f"{stamp}{line}" for stamp, line in zip(stamps, LOG, strict=True)]
    facts = facts_from_console(["\n".join(quoted).encode()])
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:sqs:Queue", "orders")]
    assert facts.outcome is Outcome.FAILED


def test_a_quoted_heading_of_a_resource_is_believed_alone() -> None:
    lines = ["x", ">   aws:sqs:Queue (jobs):", "    error: no"]
    assert list(unquoted(lines)) == ["x", "  aws:sqs:Queue (jobs):", "    error: no"]


@given(st.lists(st.sampled_from(["> a", "│ b │", "'c\\n' +", "d", "", ">", "│", "| e | f |"])))
def test_no_line_is_lost(lines: list[str]) -> None:
    assert len(list(unquoted(lines))) == len(lines)


OUTPUT = "\n".join(LOG)
FOLDED: dict[str, Callable[[str], str]] = {
    "a property of a logger": lambda text: (
        f'level=ERROR error="exit status 255\\ncode: 255\\nstdout: {text}\\n"'.replace("\n", "\\n")
    ),
    "a record in a record": lambda text: (
        'INFO done {"result": "stdout:\\\\\\"' + text.replace("\n", "\\\\n") + '\\\\\\""}'
    ),
}


@pytest.mark.parametrize("fold", FOLDED.values(), ids=FOLDED.keys())
def test_an_output_in_one_line_is_read_as_the_lines_that_it_had(fold: Callable[[str], str]) -> None:
    facts = facts_from_console([fold(OUTPUT).encode()])
    assert facts.outcome is Outcome.FAILED
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:sqs:Queue", "orders")]
    assert facts.root_cause
    assert facts.root_cause.error_code == "AccessDenied"


@pytest.mark.parametrize(
    "line",
    [
        '{"type": "diagnosticEvent", "message": "Diagnostics:\\n@ updating\\nResources:\\n"}',
        r'    error   : "error: update failed\nResources:\n    1 errored\n..."',
        r'  ~ "report": "done\n@ updating....\nDiagnostics:\n"',
        r"    readme: \"# Shop\n\nIt sells.\n\"",
        r"    stdout: \"<html>\n<body>\n</body>\n\"",
    ],
)
def test_a_value_of_many_lines_stays_in_its_line(line: str) -> None:
    assert list(unfolded([line])) == [line]
