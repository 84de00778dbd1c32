"""Which update is meant: console addresses and stack names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.errors import InputError
from upshot.model import StackRef, Subject
from upshot.subject import (
    MANAGED_CONSOLE,
    build_stack_url,
    build_update_url,
    console_origin,
    parse_stack_name,
    parse_update_url,
    subject_from_links,
)

APP = "https://app.pulumi.com"
UUID = "0b4cf1a7-4c3e-4a49-8d43-9a8f2f1f0f11"
STACK = StackRef("acme", "web", "prod")
UPDATE = Subject(STACK, version=41, console=APP)
PREVIEW = Subject(STACK, is_preview=True, update_id=UUID, console=APP)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (f"{APP}/acme/web/prod/updates/41", UPDATE),
        (f"{APP}/acme/web/prod/updates/41/", UPDATE),
        (f"  {APP}/acme/web/prod/updates/41?explainFailure\n", UPDATE),
        (f"{APP}/acme/web/prod/updates/41#resources", UPDATE),
        ("https://APP.pulumi.com:443/acme/web/prod/updates/41", UPDATE),
        (f"{APP}/acme/w%65b/prod/updates/41", UPDATE),
        (f"{APP}/acme/web/prod/previews/{UUID}", PREVIEW),
        (f"{APP}/acme/web/prod/previews/{UUID.upper()}?x=1", PREVIEW),
    ],
)
def test_both_shapes_in_every_spelling(text: str, subject: Subject) -> None:
    assert parse_update_url(text, consoles={APP}) == subject


def test_a_self_hosted_console_counts_when_it_is_known() -> None:
    console = "https://pulumi.acme.io:8443"
    subject = parse_update_url(f"{console}/acme/web/prod/updates/1", consoles={APP, console})
    assert subject.console == console


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme/web/prod",
        f"{APP}/acme/web/prod",
        f"{APP}/acme/web/prod/updates",
        f"{APP}/acme/web/prod/updates/0",
        f"{APP}/acme/web/prod/updates/latest",
        f"{APP}/acme/web/prod/updates/41/extra",
        f"{APP}/acme/web/prod/updates/99999999999999999999",
        f"{APP}/acme/web/prod/previews/41",
        f"{APP}/acme/web/prod/previews/{UUID}x",
        f"{APP}/acme/web%2Fprod/x/updates/41",
        f"{APP}/acme/../prod/updates/41",
        f"{APP}/acme/%2e%2e/prod/updates/41",
        f"{APP}//acme/web/prod/updates/41",
        f"{APP}/acme/web/prod/deployments/7",
        f"{APP}/acme/<b>/prod/updates/41",
        "https://app.pulumi.com\\@evil.io/acme/web/prod/updates/41",
        "https://app.pulumi.com/acme/web/prod/updates/4\n1",
        f"{APP}/acme/web/prod/updates/٤١",
        "https://[/acme/web/prod/updates/41",
        "https://app.pulumi.com:port/acme/web/prod/updates/41",
        "x" * 5_000,
    ],
)
def test_what_names_no_update_is_refused_by_the_name_of_the_input(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_update_url(text, consoles={APP})
    assert caught.value.name == "update-url"
    assert len(caught.value.message) < 600


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.io",
        "http://app.pulumi.com",
        "https://app.pulumi.com.evil.io",
        "https://app.pulumi.com:444",
        "https://me:secret@app.pulumi.com",
        "javascript://app.pulumi.com",
    ],
)
def test_t15_another_host_is_refused(host: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_update_url(f"{host}/acme/web/prod/updates/41", consoles={APP})
    assert "secret" not in caught.value.message


def test_an_unknown_console_says_which_input_is_missing() -> None:
    with pytest.raises(InputError, match="console-url"):
        parse_update_url(f"{APP}/acme/web/prod/updates/41", consoles=set())


@pytest.mark.parametrize("host", [APP, "https://evil.io"])
@pytest.mark.parametrize("path", ["/claim/clm-s3cr3t", "//claim/clm-s3cr3t", "/%63laim/clm-s3cr3t"])
def test_a_claim_address_is_refused_and_never_repeated(host: str, path: str) -> None:
    with pytest.raises(InputError, match="claim address") as caught:
        parse_update_url(host + path, consoles={APP})
    assert "s3cr3t" not in caught.value.message + caught.value.hint


def test_a_project_may_be_called_claim() -> None:
    text = f"{APP}/acme/claim/prod/updates/41"
    assert parse_update_url(text, consoles={APP}).stack.project == "claim"


names = st.text("abcXYZ019._-", min_size=1, max_size=20).filter(lambda name: set(name) != {"."})
stacks = st.builds(StackRef, names, names, names)
subjects = st.builds(
    Subject, stacks, version=st.integers(1, 9_999_999_999), console=st.just(APP)
) | st.builds(
    Subject,
    stacks,
    is_preview=st.just(True),  # noqa: FBT003 - a strategy
    update_id=st.uuids().map(str),
    console=st.just(APP),
)


@given(subjects)
def test_what_is_built_is_parsed_to_the_same(subject: Subject) -> None:
    assert parse_update_url(build_update_url(subject), consoles={APP}) == subject


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    for candidate in (text, f"{APP}/{text}", f"https://{text}"):
        with pytest.raises(InputError):
            parse_update_url(candidate, consoles={APP})


@pytest.mark.parametrize(
    "subject",
    [
        Subject(STACK, version=41),
        Subject(STACK, console=APP),
        Subject(STACK, is_preview=True, version=41, console=APP),
    ],
)
def test_without_a_console_or_a_number_there_is_no_link(subject: Subject) -> None:
    assert build_update_url(subject) == ""


def test_the_stack_has_a_page_too() -> None:
    assert build_stack_url(STACK, APP) == f"{APP}/acme/web/prod"
    assert build_stack_url(STACK, "") == ""


def test_the_last_link_of_a_log_wins() -> None:
    links = (f"{APP}/acme/web/prod/previews/{UUID}", f"{APP}/acme/web/prod/updates/41")
    assert subject_from_links(links, {APP}) == UPDATE


def test_links_that_name_no_update_count_for_nothing() -> None:
    links = (
        f"{APP}/acme/web/prod/updates/41",
        f"{APP}/claim/clm-s3cr3t",
        f"{APP}/acme/web/prod/deployments/7",
        "https://evil.io/acme/web/prod/updates/9",
    )
    assert subject_from_links(links, {APP}) == UPDATE
    assert subject_from_links(links[1:], {APP}) is None


DEV = StackRef("", "", "dev")


@pytest.mark.parametrize(
    ("text", "beside", "candidates"),
    [
        ("dev", {}, [DEV]),
        ("dev", {"organization": "acme"}, [StackRef("acme", "", "dev")]),
        ("dev", {"organization": "acme", "project": "web"}, [StackRef("acme", "web", "dev")]),
        ("acme/dev", {}, [StackRef("acme", "", "dev"), StackRef("", "acme", "dev")]),
        (
            "acme/dev",
            {"organization": "acme"},
            [StackRef("acme", "", "dev"), StackRef("acme", "acme", "dev")],
        ),
        ("web/dev", {"organization": "acme"}, [StackRef("acme", "web", "dev")]),
        ("acme/dev", {"project": "web"}, [StackRef("acme", "web", "dev")]),
        ("web/dev", {"organization": "acme", "project": "web"}, [StackRef("acme", "web", "dev")]),
        (" acme/web/dev ", {}, [StackRef("acme", "web", "dev")]),
        ("organization/web/dev", {}, [StackRef("", "web", "dev")]),
        ("organization/dev", {}, [DEV]),
        ("dev", {"organization": "organization"}, [DEV]),
    ],
)
def test_every_form_of_a_stack_name(
    text: str, beside: dict[str, str], candidates: list[StackRef]
) -> None:
    assert list(parse_stack_name(text, **beside).candidates) == candidates


@pytest.mark.parametrize(
    ("text", "known", "stack"),
    [
        ("dev", [], "dev"),
        ("dev", [StackRef("", "web", "")], "web/dev"),
        ("dev", [StackRef("", "web", "dev"), StackRef("acme", "web", "dev")], "acme/web/dev"),
        ("acme/dev", [StackRef("", "web", "dev")], "acme/web/dev"),
        ("web/dev", [StackRef("", "web", "dev")], "web/dev"),
        ("web/dev", [StackRef("", "web", "")], "web/dev"),
        ("web/dev", [StackRef("acme", "web", "dev")], "acme/web/dev"),
        ("acme/dev", [StackRef("acme", "web", "dev")], "acme/web/dev"),
        ("acme/dev", [StackRef("other", "web", "prod")], "acme/dev"),
        ("organization/web/dev", [StackRef("", "web", "dev")], "web/dev"),
    ],
)
def test_a_short_name_is_filled_from_what_is_known(
    text: str, known: list[StackRef], stack: str
) -> None:
    assert str(parse_stack_name(text).settle(known)) == stack


@pytest.mark.parametrize(
    ("text", "beside", "named"),
    [
        ("acme/web/prod", {"organization": "other"}, "contradict"),
        ("web/prod", {"organization": "acme", "project": "api"}, "contradict"),
        ("a/b/c/d", {}, "org/project/stack"),
        ("", {"organization": "acme", "project": "web"}, "stack"),
        ("acme//prod", {}, "stack"),
        ("../web/prod", {}, "stack"),
        ("acme/web/pr od", {}, "stack"),
        ("acme/web/prod\n", {"organization": "x"}, "contradict"),
        ("acme/wéb/prod", {}, "stack"),
        ("x" * 101, {"organization": "acme", "project": "web"}, "stack"),
        ("prod", {"organization": "ac/me", "project": "web"}, "organization"),
    ],
)
def test_a_bad_stack_name_says_what_is_wrong(text: str, beside: dict[str, str], named: str) -> None:
    with pytest.raises(InputError, match=named):
        parse_stack_name(text, **beside)


@pytest.mark.parametrize(
    ("cloud_url", "console_url", "domain", "origin"),
    [
        ("https://api.pulumi.com", "", "", APP),
        ("https://api.acme.io:8443", "", "", "https://app.acme.io:8443"),
        ("https://pulumi.acme.io", "", "", ""),
        ("https://pulumi.acme.io", "", "console.acme.io", "https://console.acme.io"),
        ("https://pulumi.acme.io", "https://c.acme.io:3443/", "", "https://c.acme.io:3443"),
        ("https://api.pulumi.com", "https://c.acme.io", "d.acme.io", "https://c.acme.io"),
        ("https://pulumi.acme.io", "", "evil.io/path", ""),
        ("https://pulumi.acme.io", "", "me@evil.io", ""),
        ("http://localhost:8080", "", "", MANAGED_CONSOLE),
        ("http://127.0.0.1:4567", "", "", MANAGED_CONSOLE),
        ("http://127.0.0.1:4567", "http://localhost:3000", "", "http://localhost:3000"),
    ],
)
def test_the_console_of_an_api(cloud_url: str, console_url: str, domain: str, origin: str) -> None:
    env = {"PULUMI_CONSOLE_DOMAIN": domain} if domain else {}
    assert console_origin(cloud_url, console_url, env) == origin
