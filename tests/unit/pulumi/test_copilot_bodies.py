"""The bodies that Copilot gets, key for key as documented or as the CLI sends them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.model import UpdateKind
from upshot.pulumi.copilot import (
    PREVIEW_OUTPUT_BYTES,
    UPDATE_OUTPUT_BYTES,
    build_chat_body,
    build_explain_body,
    build_summarize_body,
    cut_middle,
)

UPDATE_URL = "https://app.pulumi.com/acme/web/prod/updates/41"


def test_a_conversation_starts_as_documented() -> None:
    assert build_chat_body("Why?", "acme", url=UPDATE_URL) == {
        "query": "Why?",
        "state": {"client": {"cloudContext": {"orgId": "acme", "url": UPDATE_URL}}},
    }


def test_a_conversation_goes_on_by_its_id() -> None:
    body = build_chat_body("And now?", "acme", url=UPDATE_URL, conversation_id="c-1")
    assert body["conversationId"] == "c-1"
    assert list(body) == ["query", "state", "conversationId"]


def test_a_failed_update_is_summarized_with_nested_params() -> None:
    body = build_summarize_body("error: boom", "acme")
    assert body["query"] == ""
    assert body["state"]["client"]["cloudContext"] == {
        "orgId": "acme",
        "url": "https://app.pulumi.com",
    }
    assert body["directSkillCall"]["skill"] == "summarizeUpdate"
    params = body["directSkillCall"]["params"]
    assert params["pulumiUpdateOutput"] == "error: boom"
    assert 20 <= params["maxLen"] <= 1_920


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (UpdateKind.PREVIEW, "update"),
        (UpdateKind.UPDATE, "update"),
        (UpdateKind.UNKNOWN, "update"),
        (UpdateKind.REFRESH, "refresh"),
        (UpdateKind.DESTROY, "destroy"),
        (UpdateKind.IMPORT, "resource-import"),
    ],
)
def test_a_preview_is_explained_with_its_kind(kind: UpdateKind, said: str) -> None:
    call = build_explain_body("+ bucket", "acme", kind=kind)["directSkillCall"]
    assert call == {
        "skill": "explainPreview",
        "params": {"pulumiPreviewOutput": "+ bucket", "previewDetails": {"kind": said}},
    }


def test_outputs_are_cut_to_the_limits_of_the_service() -> None:
    huge = "é" * 300_000
    summary = build_summarize_body(huge, "acme")["directSkillCall"]["params"]
    explained = build_explain_body(huge, "acme", kind=UpdateKind.UPDATE)["directSkillCall"]
    assert len(summary["pulumiUpdateOutput"].encode()) <= UPDATE_OUTPUT_BYTES == 4_000
    output = explained["params"]["pulumiPreviewOutput"].encode()
    assert len(output) <= PREVIEW_OUTPUT_BYTES == 200_000


ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("budget", "cut"),
    [
        (26, ALPHABET),
        (25, "abc... (truncated) ...xyz"),
        (22, "ab... (truncated) ...z"),
        (20, "a... (truncated) ..."),
        (19, "abcdefghijklmnopqrs"),
        (0, ""),
    ],
)
def test_the_middle_is_cut_out_as_the_cli_does(budget: int, cut: str) -> None:
    assert cut_middle(ALPHABET, budget) == cut


@given(st.text(max_size=200), st.integers(min_value=0, max_value=250))
def test_a_cut_keeps_its_budget_and_splits_no_character(text: str, budget: int) -> None:
    cut = cut_middle(text, budget)
    assert len(cut.encode()) <= budget
    assert "\ufffd" not in cut or "\ufffd" in text
