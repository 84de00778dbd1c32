"""Hostile Markdown, each attack alone, inside others, and in mixtures: nothing of it acts."""

from __future__ import annotations

import random
import re
from typing import Final

import pytest
from tests.security.attacks import COMMANDS, MARKDOWN
from tests.security.page import faults_of_prose

from upshot.report.markdown.defang import defang_markdown
from upshot.report.markdown.escape import code_span, escape_inline, fence

HOSTS = {"app.pulumi.com", "www.pulumi.com", "github.com"}
ATTACKS: Final = {**MARKDOWN, **COMMANDS}
FRAMES: Final = (
    "{}",
    "before\n\n{}\n\nafter",
    "before {} after",
    "- {}",
    "> {}",
    "# {}",
    "| a |\n|---|\n| {} |",
    "**{}**",
    "_{}_",
    "`{}`",
    "<b>{}</b>",
    "[{}](https://app.pulumi.com/)",
    "[x]({})",
    "```{}\ncode\n```",
)
_STRUCTURE: Final = (
    "\n", "\n\n", " ", "  \n", "|", "`", "``", "```", "*", "**", "_", "~~", "[", "]", "(", ")",
    "<", ">", "#", "@", "!", "-", "\\", "&", "&#64;", "&lt;", "&vert;", "\n| a |\n|---|\n| ",
    "\n> ", "\n- ", "\n1. ", "    ", "\n---\n", "\n===\n", ":", "//", "https://", "www.", "word ",
    "\u00a0", "é", "😀", "](", "](<", ">)", "<b>", "</b>", "<br>", "<!--", "-->", "$", "[^1]: ",
)  # fmt: skip


def faults(text: str) -> list[str]:
    """Of the text made safe, alone and in the quote in which a report shows it."""
    safe = defang_markdown(text, allowed_hosts=HOSTS)
    quoted = "\n".join(f"> {line}" for line in safe.split("\n"))
    return [*faults_of_prose(safe, hosts=HOSTS), *faults_of_prose(quoted, hosts=HOSTS)]


@pytest.mark.parametrize("name", ATTACKS)
def test_t14_to_t22_no_attack_acts_in_any_place(name: str) -> None:
    found = {frame: faults(frame.replace("{}", ATTACKS[name])) for frame in FRAMES}
    assert {frame: said for frame, said in found.items() if said} == {}


@pytest.mark.parametrize("name", ATTACKS)
def test_t14_to_t22_no_name_acts_in_any_place(name: str) -> None:
    """Names and messages are shown as they are: in a line, a cell, a span, a fence."""
    text = ATTACKS[name]
    shown = {
        "line": escape_inline(text),
        "item": f"- {escape_inline(text)}",
        "cell": f"| a | b |\n|---|---|\n| {escape_inline(text)} | {code_span(text, in_table=True)} |",
        "span": f"**{code_span(text)}**",
        "fence": fence(text),
    }
    assert {
        place: said for place in shown if (said := faults_of_prose(shown[place], hosts=HOSTS))
    } == {}


def mixtures(seed: int, count: int) -> list[str]:
    """Attacks cut into pieces and put together again with what gives Markdown its structure."""
    chance = random.Random(seed)
    cut = re.compile(r"(?<=[\s\])>`])|(?=[\[<`@#])")
    pieces = [p for text in ATTACKS.values() if len(text) < 600 for p in cut.split(text) if p]
    return [
        "".join(
            chance.choice(pieces) if chance.random() < 0.5 else chance.choice(_STRUCTURE)
            for _ in range(chance.randint(1, 25))
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_t14_to_t22_no_mixture_acts(seed: int) -> None:
    found = {text: faults(text) for text in mixtures(seed, 250)}
    assert {text: said for text, said in found.items() if said} == {}


@pytest.mark.parametrize(
    "unit",
    ["[", "![", "*a ", "**a", "`", "<", "<!--", "> ", "- ", "a@", "|", "[a](", "\\", "&#64;", "~~",
     "_a", "[x]: y\n", "*a _b ", "<b>", "|-", "a|\n", "\t", "[^1]", "::", "##[", "1. ", "https://",
     "(((", "*_", "\u200b", "\x1b[", "\r", "]("],
)  # fmt: skip
def test_t35_t38_any_repetition_is_read_whole_and_is_harmless(unit: str) -> None:
    assert faults(unit * (12_000 // len(unit))) == []
