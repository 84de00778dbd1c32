"""Many values in a short text, and few in a long one, are found alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upshot.report.redact.known import Forms

TEXTS = st.text("abcA é1", max_size=40)


def covered(spans: list[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


@given(st.lists(st.text("abcA é1", min_size=1, max_size=9), max_size=30), TEXTS)
def test_every_place_of_every_form_is_found_whatever_the_text_is_as_long(
    forms: list[str], text: str
) -> None:
    found = Forms()
    found.add(forms)
    naive = {
        (at, at + len(form))
        for form in set(forms)
        for at in range(len(text) - len(form) + 1)
        if text[at : at + len(form)] == form
    }
    short = covered(found.spans(text))
    assert short <= covered(list(naive))
    padded = covered(found.spans(text + "\n" * 2_000))
    assert padded <= short, "a long text is searched form by form, without overlaps of one form"
    for form in set(forms):
        at = text.find(form)
        if at >= 0:
            assert set(range(at, at + len(form))) <= padded


def test_forms_are_added_once_and_nothing_is_found_in_nothing() -> None:
    forms = Forms()
    assert forms.spans("anything") == []
    forms.add(["secret-value", "secret-value", "ab"])
    assert sorted(forms.spans("ab secret-value")) == [(0, 2), (3, 15)]
    assert forms.spans("") == []
