"""The hidden lines of version 1, as they stand in comments on GitHub today.

The files were written by the first release of this format and are never written anew: a comment
that one version cannot read is a second comment on the pull request (threat T43).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from upshot.model import Section, Stamp
from upshot.model.stamp import UNKNOWN_STACK, clean_id, fields_of
from upshot.publish.comment.marker import (
    Kind,
    Marker,
    build_marker,
    find_marker,
    render_marker,
)
from upshot.publish.comment.sections import clean_section, parse_sections, wrap_section

FOLDER = Path(__file__).parent
HEAD, OLD = "a" * 40, "b" * 64
RUN, STARTED, DIGEST, SEAL = "19283746501", 1_795_000_000, "0123456789abcdef", "fedcba9876543210"

FIRST: Final = Stamp(
    stack="acme/shop/prod", run=RUN, sha=HEAD, started=STARTED, verdict="succeeded", digest=DIGEST
)
WHOLE: Final = Stamp(
    stack="acme/shop/prod",
    run=RUN,
    attempt=3,
    sha=HEAD,
    started=STARTED,
    verdict="failed",
    digest=DIGEST,
    conversation="conv-1/2",
    task="task_9",
)


def earlier(n: int) -> Stamp:
    verdict = ("failed", "succeeded")[n % 2]
    run = str(19_283_746_500 + n)
    return Stamp(run=run, attempt=1 + n % 2, sha=OLD, verdict=verdict, started=STARTED - n)


def marker(stamp: Stamp, key: str = "prod", **more: Any) -> Marker:
    return replace(build_marker(key, stamp), **more)


MARKERS: Final = {
    "bare": marker(Stamp()),
    "first-report": marker(FIRST, "default", seal=SEAL),
    "everything": marker(
        WHOLE, seal=SEAL, joined=STARTED + 100, history=tuple(map(earlier, range(5)))
    ),
    "log": marker(WHOLE, kind=Kind.LOG, seal=SEAL, history=(earlier(1),)),
    "note": marker(WHOLE, kind=Kind.NOTE, seal=SEAL, digest=""),
    "shared": replace(marker(FIRST).without_stack(), seal=SEAL, joined=STARTED + 100),
    "digests": marker(Stamp(stack="my stack", conversation="a b"), "ключ"),
    "history-of-an-empty-run": marker(Stamp(), history=(Stamp(),)),
}
SECTIONS: Final = {
    "bare": Section(stack="acme/shop/prod", text="The report."),
    "first-report": Section(
        stack="acme/shop/prod",
        run=RUN,
        sha=HEAD,
        started=STARTED,
        verdict="succeeded",
        digest=DIGEST,
        cells={"kind": "update", "create": "3", "risk": ""},
        text="The report.",
    ),
    "everything": Section(
        stack="acme/shop/prod",
        run=RUN,
        attempt=3,
        sha=HEAD,
        started=STARTED,
        verdict="failed",
        digest=DIGEST,
        conversation="conv-1/2",
        task="task_9",
        cells={"kind": "preview", "url": "https://app.pulumi.com/acme/shop/prod/updates/7"},
        text="One\n\nTwo",
    ),
    "unknown-stack": Section(
        stack=UNKNOWN_STACK,
        run=RUN,
        sha=HEAD,
        started=STARTED,
        verdict="unknown",
        digest=DIGEST,
        text="The report.",
    ),
    "digests": Section(stack="my stack", conversation="a b", text="x <!-- upshot-section-end -->"),
    "no-text": Section(stack="acme/shop/prod", run="1", verdict="failed"),
}


def markers() -> dict[str, str]:
    lines = (FOLDER / "markers.txt").read_text("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def section_text(name: str) -> str:
    return (FOLDER / f"section-{name}.md").read_text("utf-8").removesuffix("\n")


def test_every_line_of_version_1_has_its_value_here() -> None:
    assert set(markers()) == set(MARKERS)
    assert {path.stem for path in FOLDER.glob("*.md")} == {f"section-{name}" for name in SECTIONS}


@pytest.mark.parametrize("name", MARKERS)
def test_t43_a_marker_of_version_1_is_read_and_written_byte_for_byte(name: str) -> None:
    line = markers()[name]
    assert find_marker(f"{line}\n\nThe report.") == MARKERS[name]
    assert render_marker(MARKERS[name]) == line


@pytest.mark.parametrize("name", SECTIONS)
def test_t43_a_section_of_version_1_is_read_and_written_byte_for_byte(name: str) -> None:
    text = section_text(name)
    [read] = parse_sections(text)
    assert read == clean_section(SECTIONS[name])
    assert wrap_section(SECTIONS[name]) == wrap_section(read) == text


SAMPLES: dict[type, object] = {int: 7, str: "x/1", dict: {"x/1": "y/2"}}


@pytest.mark.parametrize("name", Stamp.__struct_fields__)
def test_whatever_a_stamp_holds_is_kept_by_markers_and_sections(name: str) -> None:
    value = SAMPLES[type(getattr(Stamp(), name))]
    stamp = replace(Stamp(stack="acme/shop/prod"), **{name: value})
    written = build_marker("prod", stamp)
    assert getattr(find_marker(render_marker(written)), name) == value
    [read] = parse_sections(wrap_section(Section(**fields_of(stamp))))
    assert getattr(read, name) == value


TEXTS = [name for name in Stamp.__struct_fields__ if isinstance(getattr(Stamp(), name), str)]


@pytest.mark.parametrize("name", TEXTS)
def test_t20_no_text_of_a_stamp_is_written_or_read_unless_it_is_an_id(name: str) -> None:
    evil = "--> <b>"
    with pytest.raises(ValueError, match="ids"):
        render_marker(replace(MARKERS["bare"], **{name: evil}))
    for past in (replace(FIRST, **{name: evil}), replace(FIRST, **{name: "x" * 201})):
        with pytest.raises(ValueError, match="ids"):
            render_marker(Marker(v=1, key="prod", history=(past,)))
    assert find_marker(f'<!-- upshot {{"v":1,"key":"prod","{name}":"a b"}} -->') is None
    head = f'{{"stack":"a","{name}":"a b"}}'
    assert parse_sections(f"<!-- upshot-section {head} -->\nx\n<!-- upshot-section-end -->") == ()
    section = Section(stack="a", text="x")
    [read] = parse_sections(wrap_section(replace(section, **{name: evil})))
    assert getattr(read, name) == clean_id(evil)
