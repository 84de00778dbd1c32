"""Reports of a gate: hostile words do nothing, and the line to paste is exact."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.golden.gate.pages import PAGES, render, with_words
from tests.unit.gate.cases import REQUEST
from tests.unit.report.test_hostile_report import PARTS

from upshot.gate.decision import State
from upshot.gate.grammar import Verb, parse_command
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

GitHub = Callable[[str], Any]
TEXT = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
OURS = re.compile(r"https://github\.com/acme/webshop/(actions|commit)/")


@given(st.sampled_from(sorted(PAGES)), TEXT)
@settings(max_examples=60)
def test_t14_to_t22_hostile_reasons_names_and_faults_do_nothing(
    github: GitHub, name: str, text: str
) -> None:
    comment = render(with_words(PAGES[name], text), notices=(text,)).text
    seen = github(comment)
    assert not {"img", "input", "h1", "h2", "script", "iframe", "sup"} & set(seen.tags)
    assert not seen.comments
    assert not re.search(r"(?<!\w)[@\uff20]\w", seen.prose)
    assert all(OURS.match(link) for link in seen.links)
    assert not re.search(r"<!--\s*upshot", comment)
    assert seen.tags.count("details") == seen.html.count("</details>")


@pytest.mark.parametrize("name", PAGES)
def test_the_line_to_paste_is_a_command_and_stands_alone(name: str) -> None:
    page = PAGES[name]
    lines = re.findall(r"(?m)^```\n(/upshot .*)\n```$", render(page).text)
    decision = page.decision
    is_open = decision is not None and decision.state in {
        State.WAITING, State.EXPIRED, State.REJECTED
    }  # fmt: skip
    assert len(lines) == (is_open and name != "environment")
    for line in lines:
        command = parse_command(line)
        assert command is not None
        assert (command.verb, command.problem) == (Verb.APPROVE, None)
        assert decision is not None
        assert command.request_id == decision.request.id


def test_t59_our_own_report_is_no_command() -> None:
    for page in PAGES.values():
        assert parse_command(render(page).text) is None


def test_time_and_run_alone_make_no_new_report() -> None:
    page = PAGES["waiting"]
    assert render(page).digest == render(replace(page, audit="another line")).digest
    assert render(page).digest != render(PAGES["approved"]).digest


def test_t9_a_secret_in_a_reason_is_not_shown() -> None:
    secret = "s3cr3t-of-the-repository"
    redactor = Redactor([])
    redactor.add(Secret(secret))
    text = render(with_words(PAGES["approved"], f"It is {secret}"), redactor=redactor).text
    assert secret not in text
    assert REQUEST.id in text
