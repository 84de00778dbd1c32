"""The request id: a digest of what is asked for, computed again at any time, read in any spelling."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gate.cases import HEAD, OTHER, PLAN, REQUEST, TREE, request

from upshot.gate.request import Binding, Request, grouped, names_request, parse_request_id

BOUND = {
    Binding.HEAD_SHA: HEAD,
    Binding.TREE: TREE,
    Binding.PLAN: f"{HEAD}:{PLAN}",
    Binding.WORKFLOW: "sha256:00ff",
    Binding.CLAIM: "9f" * 32,
}
stacks = st.lists(st.text("ab/é", min_size=1, max_size=5), max_size=4)


def by_hand(fields: dict[str, Any]) -> str:
    """The contract, step by step, with the standard library alone."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    letters = base64.b32encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
    letters = letters.rstrip("=").lower()[:16]
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}-{letters[12:]}"


@pytest.mark.parametrize("binding", Binding)
def test_the_id_is_that_of_the_contract(binding: Binding) -> None:
    names = (
        () if binding in {Binding.WORKFLOW, Binding.CLAIM} else ("acme/shop/prod", "acme/shop/dev")
    )
    ours = request(binding=binding, bound=BOUND[binding], stacks=names).id
    assert ours == by_hand(
        {
            "v": 1,
            "repository": 77,
            "pull": 12,
            "binding": binding.value,
            "bound": BOUND[binding],
            "stacks": sorted(names),
        }
    )


def test_one_id_written_out() -> None:
    """So that no refactoring changes the ids of requests that are open."""
    assert REQUEST.canonical == (
        b'{"binding":"head-sha","bound":"' + HEAD.encode() + b'","pull":12,"repository":77,'
        b'"stacks":["acme/shop/prod"],"v":1}'
    )
    assert REQUEST.id == "5frq-hcnm-tzda-pn2k"


@given(
    st.integers(1),
    st.integers(1),
    st.text(min_size=1, max_size=50),
    st.sampled_from(("workflow", "claim")),
)
def test_any_text_is_encoded_as_the_contract_says(
    repository: int, pull: int, bound: str, binding: str
) -> None:
    fields = {
        "v": 1,
        "repository": repository,
        "pull": pull,
        "binding": binding,
        "bound": bound,
        "stacks": [],
    }
    ours = Request(repository=repository, pull=pull, binding=Binding(binding), bound=bound)
    assert ours.id == by_hand(fields)


@given(stacks, st.randoms(use_true_random=False))
def test_the_order_of_the_stacks_and_one_named_twice_change_nothing(
    names: list[str], chance: Any
) -> None:
    turned = [*chance.sample(names, len(names)), *names]
    assert request(stacks=tuple(turned)) == request(stacks=tuple(names))
    assert request(stacks=tuple(turned)).id == request(stacks=tuple(names)).id


def test_t53_every_part_of_it_gives_another_id() -> None:
    variants = [
        REQUEST,
        request(repository=78),
        request(pull=13),
        request(bound=OTHER),
        request(bound=TREE),
        request(stacks=()),
        request(stacks=("acme/shop/dev",)),
        request(stacks=("acme/shop/prod", "acme/shop/dev")),
        request(binding=Binding.TREE),
        request(binding=Binding.PLAN, bound=f"{HEAD}:{PLAN}"),
        request(binding=Binding.PLAN, bound=f"{OTHER}:{PLAN}"),
        request(binding=Binding.PLAN, bound=f"{HEAD}:{PLAN[::-1]}"),
        request(binding=Binding.WORKFLOW, bound=HEAD, stacks=()),
        request(binding=Binding.CLAIM, bound=HEAD, stacks=()),
    ]
    ids = [each.id for each in variants]
    assert len(set(ids)) == len(ids)


class TestReading:
    @given(st.data())
    def test_any_case_with_and_without_hyphens(self, data: st.DataObject) -> None:
        spelled = "".join(
            data.draw(st.sampled_from((char, char.upper(), "-" + char if place else char)))
            for place, char in enumerate(REQUEST.id.replace("-", ""))
        )
        assert parse_request_id(spelled) == REQUEST.id

    @pytest.mark.parametrize(
        "text",
        [
            "", "abcd", "abcd-efgh-ijkl-mno", "abcd-efgh-ijkl-mnopq", "-abcd-efgh-ijkl-mnop",
            "abcd-efgh-ijkl-mnop-", "abcd--efgh-ijkl-mnop", "abcd-efgh-ijkl-mno1", "abcd-efgh-ijkl-mno0",
            "abcd efgh ijkl mnop", "abcd_efgh_ijkl_mnop", "abcd-efgh-ijkl-mnop\n", " abcd-efgh-ijkl-mnop",
            "\u212abcd-efgh-ijkl-mnop", "abcd-efgh-\u0131jkl-mnop", "\uff41bcd-efgh-ijkl-mnop",
            "abcd\u2010efgh\u2010ijkl\u2010mnop", "abcd-\u200befgh-ijkl-mnop", "\u0430bcd-efgh-ijkl-mnop",
        ],
    )  # fmt: skip
    def test_anything_else_is_none(self, text: str) -> None:
        assert parse_request_id(text) == ""

    @given(st.text(max_size=40))
    def test_what_is_read_is_an_id(self, text: str) -> None:
        found = parse_request_id(text)
        assert not found or parse_request_id(found) == found == grouped(found.replace("-", ""))


class TestNaming:
    @pytest.mark.parametrize(
        "text", ["{}", "ok {}.", "`{}`", "a\r\n{}\r\nb", "({})", "no aaaa-bbbb-cccc-dddd but {}"]
    )
    def test_a_text_that_names_it(self, text: str) -> None:
        for spelled in (REQUEST.id, REQUEST.id.upper(), REQUEST.id.replace("-", "")):
            assert names_request(text.format(spelled), REQUEST.id)

    @pytest.mark.parametrize(
        "text", ["", "x{}", "{}x", "{}-", "-{}", "_{}", "{}4", "ü{}", "aaaa-bbbb-cccc-dddd"]
    )
    def test_a_text_that_does_not(self, text: str) -> None:
        assert not names_request(text.format(REQUEST.id), REQUEST.id)


@pytest.mark.parametrize(
    "over",
    [
        {"repository": 0}, {"repository": -1}, {"pull": 0}, {"bound": ""}, {"bound": HEAD.upper()}, {"bound": HEAD[:39]},
        {"stacks": ("\ud800",)},
        {"bound": HEAD + " "}, {"binding": Binding.PLAN}, {"binding": Binding.PLAN, "bound": f"{HEAD}:"},
        {"binding": Binding.PLAN, "bound": f"{HEAD}:{PLAN} "}, {"binding": Binding.WORKFLOW, "bound": ""},
        {"binding": Binding.WORKFLOW, "bound": "x"}, {"binding": Binding.CLAIM, "bound": "x" * 1_001, "stacks": ()},
    ],
)  # fmt: skip
def test_what_no_request_can_have_is_refused(over: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        request(**over)


def test_a_commit_of_sha_256_is_taken() -> None:
    assert request(bound="ab" * 32).id != request(bound="cd" * 32).id


def test_ids_of_many_requests_differ() -> None:
    ids = [
        request(pull=pull, repository=number).id
        for pull, number in itertools.product(range(1, 60), repeat=2)
    ]
    assert len(set(ids)) == len(ids)
