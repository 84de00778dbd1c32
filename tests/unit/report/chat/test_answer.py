"""An answer quotes the question: whatever that says stays in the quote and does nothing there (T59)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security.attacks import COMMANDS, MARKDOWN
from tests.security.page import faults_of_report
from tests.unit.report.conftest import BETWEEN
from tests.unit.report.test_hostile_report import PARTS

from upshot.gate.grammar import parse_command
from upshot.report.chat.page import (
    Asked,
    Block,
    ChatPage,
    Code,
    Inline,
    Items,
    Link,
    Paste,
    Plain,
    Prose,
    Steps,
    Table,
    Words,
)
from upshot.report.chat.render import render_answer
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

GitHub = Callable[[str], Any]
HOSTS: Final = frozenset({"app.pulumi.com", "github.com"})
COMMENT: Final = "https://github.com/acme/shop/pull/7#issuecomment-1"
ANSWER: Final = "The answer stands alone."
FOOTER: Final = "<sub>Upshot 0.1.0</sub>"
TEXT: Final = st.lists(st.sampled_from(PARTS), min_size=1, max_size=8).map("".join) | st.text(
    max_size=300
)
ATTACKS: Final = {
    name: text for name, text in {**MARKDOWN, **COMMANDS}.items() if name != "surrogates"
}


def answer(*blocks: Block, asked: Asked, redactor: Redactor | None = None) -> str:
    page = ChatPage(asked, blocks)
    return render_answer(page, footer=FOOTER, hosts=HOSTS, redactor=redactor or Redactor([]))


def quote(text: str, *, is_command: bool = False, redactor: Redactor | None = None) -> str:
    asked = Asked("maria-lopez", COMMENT, text, is_command=is_command)
    return answer(Words(ANSWER), asked=asked, redactor=redactor)


def each_block(text: str) -> list[Block]:
    values = (text, Plain(text), Inline(text), Link(text, COMMENT), Link("x", text))
    words = Words("{} · {} · {} · {} · {}", values)
    return [
        words, Prose(text, "Pulumi Neo"), Prose(text), Code(text, "diff"), Paste(text), Items((words,)),
        Steps((text, text)), Table(((Words("x"), words),)), Table(((words, words),), head=("A", "B")),
    ]  # fmt: skip


@given(text=TEXT, is_command=st.booleans())
def test_t59_a_question_stays_in_its_quote(github: GitHub, *, text: str, is_command: bool) -> None:
    shown = quote(text, is_command=is_command)
    head, found, tail = shown.partition(f"\n\n{ANSWER}\n\n")
    assert found
    assert tail == f"{FOOTER}\n"
    assert all(line.startswith(">") for line in head.split("\n"))
    html = github(shown).html
    assert html.startswith("<blockquote>\n<p><a href=")
    assert f"</blockquote>\n<p>{ANSWER}</p>" in html
    assert html.count("<blockquote>") == 1


@given(text=TEXT, is_command=st.booleans())
def test_t59_a_question_does_nothing_where_it_is_quoted(*, text: str, is_command: bool) -> None:
    shown = quote(text, is_command=is_command)
    assert faults_of_report(shown, hosts=HOSTS) == []
    assert parse_command(shown) is None


@pytest.mark.parametrize("name", ATTACKS)
def test_t59_no_attack_does_anything_in_a_quote(name: str) -> None:
    assert faults_of_report(quote(ATTACKS[name]), hosts=HOSTS) == []


@given(TEXT)
@settings(max_examples=50)
def test_t14_to_t22_no_text_does_anything_in_any_part_of_an_answer(text: str) -> None:
    asked = Asked(text, text, text)
    for block in each_block(text):
        assert faults_of_report(answer(block, asked=asked), hosts=HOSTS) == [], block


@given(st.text(alphabet="abc ä€😀\n", max_size=60))
def test_an_ordinary_question_is_quoted_word_by_word(github: GitHub, text: str) -> None:
    seen = github(quote(text)).prose.replace(BETWEEN, " ")
    asked = seen.partition(ANSWER)[0].partition(": ")[2]
    lines = [line for line in text.split("\n") if line.strip()][:8]
    assert asked.replace("…", "").split() == " ".join(lines).split()


@pytest.mark.parametrize(
    "text", ["word " * 100_000, "line\n" * 10_000, "`" * 70_000, "> " * 30_000, "[" * 50_000]
)
def test_t38_a_long_question_is_cut_short(text: str) -> None:
    shown = quote(text)
    assert len(shown) < 3_000
    assert "…" in shown.partition(ANSWER)[0]
    assert f"{ANSWER}\n\n{FOOTER}" in shown


@pytest.mark.parametrize("is_command", [False, True])
def test_t9_a_secret_in_a_question_is_not_quoted(*, is_command: bool) -> None:
    redactor = Redactor([Secret("Zk3XvW9qLmT2rB7yHc5NdF8j")])
    shown = quote(
        "Why is Zk3XvW9qLmT2rB7yHc5NdF8j refused?", is_command=is_command, redactor=redactor
    )
    assert "Zk3XvW9q" not in shown
    assert "redacted" in shown


def test_a_line_to_paste_is_exactly_the_command() -> None:
    line = "/upshot approve approval-task-0001-7"
    shown = answer(Paste(line), asked=Asked("tomas-b", COMMENT, "/upshot status", is_command=True))
    (found,) = re.findall(r"(?m)^```\n(.*)\n```$", shown)
    command = parse_command(found)
    assert (found, command and command.argument) == (line, "approval-task-0001-7")


def test_code_in_a_line_of_a_model_stays_code() -> None:
    words = Words("Approved: {}", (Inline("Run `pulumi up` on acme/shop/prod?"),))
    shown = answer(words, asked=Asked("tomas-b", COMMENT, "x"))
    assert "Approved: Run `pulumi up` on acme/shop/prod?" in shown


def test_steps_are_a_numbered_list_that_holds_its_lines() -> None:
    shown = answer(Steps(("Do `a`.", "Do b:\n\n```\nc\n```")), asked=Asked("t", COMMENT, "x"))
    assert "1. Do `a`.\n2. Do b:\n\n   ```\n   c\n   ```\n" in shown
