"""Reports about agent accounts: hostile names do nothing, long ones are cut, and nothing is promised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.golden.account.pages import BLOCKED, CLAIM, PAGES, RUN, render
from tests.unit.report.test_hostile_report import PARTS

from upshot.inputs.renames import parse_renames
from upshot.report.accounts.page import AccountPage, Item, Progress
from upshot.report.markdown.fit import COMMENT, SUMMARY, size
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

GitHub = Callable[[str], Any]
TEXT = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
OURS = re.compile(r"https://github\.com/acme/webshop/(actions|commit)/")


def hostile(text: Iterator[str], page: AccountPage) -> AccountPage:
    """The page with other texts wherever the service's stand."""
    name = next(text)
    return replace(
        page,
        login=next(text),
        organization=next(text),
        destination=next(text),
        transfer_id=next(text),
        moves=(Item("stack", name, next(text), 3), Item("package", next(text))),
        conflicts=(Item("stack", name, next(text)), Item("environment", next(text), next(text))),
        failures=(Item("stack", next(text), next(text)),),
        renames=((name, next(text)), (next(text), next(text))),
        claims=(Progress(next(text), "started", 2, next(text)),),
        fault=next(text),
        hint=next(text),
    )


@given(st.sampled_from(sorted(PAGES)), st.lists(TEXT, min_size=7, max_size=7))
@settings(max_examples=80)
def test_t14_to_t22_hostile_names_and_reasons_do_nothing(
    github: GitHub, name: str, texts: list[str]
) -> None:
    page = hostile(iter(texts * 5), PAGES[name])
    comment = render(page, notices=(texts[0],)).comment().text
    seen = github(comment)
    assert not {"img", "input", "h1", "h2", "script", "iframe", "sup"} & set(seen.tags)
    assert not seen.comments
    assert not re.search(r"(?<!\w)[@\uff20]\w", seen.prose)
    assert not re.search(r"#\d|\bGH-\d", seen.prose)
    assert all(OURS.match(link) for link in seen.links)
    assert not re.search(r"(?m)^/[a-z]+(\s|$)", comment)
    assert not re.search(r"<!--\s*upshot", comment)
    assert seen.tags.count("details") == seen.html.count("</details>")
    assert seen.html.rstrip().rpartition("<p>")[2].startswith("<sub>Upshot ")


def test_the_renames_can_be_pasted() -> None:
    renames = tuple((f"shop/stack-{n}", f"stack-{n}-agent") for n in range(9))
    text = render(replace(BLOCKED, renames=renames)).comment().text
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert parse_renames(yaml.safe_load(block)["claim-renames"]) == dict(renames)


@pytest.mark.parametrize("place", ["comment", "summary"])
@pytest.mark.parametrize("count", [400, 20_000])
def test_a_huge_claim_is_cut_where_it_can_be_read_on(place: str, count: int) -> None:
    names = [f"shop/a-rather-long-name-of-a-stack-{n}" for n in range(count)]
    page = replace(
        BLOCKED,
        moves=tuple(Item("stack", name, resources=1) for name in names),
        conflicts=tuple(Item("stack", name, f"{name}-agent") for name in names),
        failures=tuple(Item("stack", name, "no" * 200) for name in names),
        renames=tuple((name, "new") for name in names),
        state="blocked",
    )
    rendered = render(page).comment() if place == "comment" else render(page).summary()
    assert size(rendered.text).fits(COMMENT if place == "comment" else SUMMARY)
    assert rendered.text.rstrip().endswith("</sub>")
    if rendered.truncated:
        assert re.search(r"\| [\d,]+ more \|", rendered.text)
    (block,) = re.findall(r"```yaml\n(.*?)```", rendered.text, re.DOTALL)
    assert parse_renames(yaml.safe_load(block)["claim-renames"])


def test_t66_a_secret_in_a_name_or_a_reason_is_masked() -> None:
    token = "5f1c7a80-2f5e-4d0c-9d5a-6c1b7e0a93fd"
    redactor = Redactor([Secret(token)])
    page = replace(
        BLOCKED,
        failures=(Item("stack", f"shop/{token}", f"see https://app.pulumi.com/claim/{token}"),),
        renames=((f"shop/{token}", f"{token}-new"),),
        conflicts=(Item("stack", f"shop/{token}", f"{token}-new"),),
    )
    assert token not in render(page, redactor=redactor).summary().text


def test_the_digest_changes_with_what_is_shown_and_with_nothing_else() -> None:
    before = render(CLAIM).comment()
    other = render(CLAIM, run=replace(RUN, run_id="77")).comment()
    assert (other.digest, other.text != before.text) == (before.digest, True)
    assert render(replace(CLAIM, word="abcd-efgh-ijkl-mnop")).comment().digest != before.digest


def test_t66_no_page_has_room_for_a_token() -> None:
    """Whoever adds a field for one breaks the rule that a page may be shown."""
    fields = {*AccountPage.__struct_fields__, *Item.__struct_fields__, *Progress.__struct_fields__}
    assert not [name for name in fields if "token" in name or "address" in name or "url" in name]
