"""The values that the templates about agent accounts use: safe Markdown, fitted into a page.

What a person must do comes first. What does not fit is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from upshot.inputs.renames import MOST_BYTES, MOST_ENTRIES
from upshot.report.accounts.page import AccountPage, Item, Progress
from upshot.report.accounts.words import about_token, find_words
from upshot.report.markdown.escape import code_span, fence
from upshot.report.markdown.fit import Room, Rows, Size, fit_rows
from upshot.report.markdown.text import clip_line
from upshot.report.rows import plain
from upshot.report.words import number

T = TypeVar("T")

_LONGEST_NAME: Final = 200
_LONGEST_REASON: Final = 500
_LONGEST_FAULT: Final = 2_000
_SLACK: Final = 200
_OTHERS: Final = "entity of another kind"


class AccountView:
    """Fits one page into a room."""

    def __init__(self, page: AccountPage, renames: str) -> None:
        """`renames` is the YAML of the page's renames, a line an entity."""
        self._page = page
        self._renames = renames.splitlines()
        self._pasted = _acceptable(self._renames)
        self._names = {
            "agent": _name(page.login) or "the agent account",
            "organization": _name(page.organization),
            "destination": _name(page.destination) or "the organization",
        }
        self.omitted = 0
        """How many lines did not fit; known after `values`."""

    def values(self, room: Room) -> dict[str, Any]:
        page, words = self._page, find_words(self._page)
        self.omitted = left = len(self._renames) - len(self._pasted)
        failures = self._fit(page.failures, _failure_row, room, share=(1, 4))
        conflicts = self._fit(page.conflicts, _conflict_row, room, share=(1, 3))
        renames = self._fit(self._pasted, str, room, share=(1, 2))
        moves = self._fit(page.moves, _move_row, room, share=(1, 1))
        claims = self._fit(page.claims, _claim_row, room, share=(1, 1))
        return {
            "icon": words.icon,
            "title": words.title.format(**self._names),
            "lead": words.lead.format(**self._names),
            "facts": self._facts(),
            "fault": _fault(page),
            "confirm": code_span(f"confirm: {page.word}") if page.word else "",
            "line": page.line,
            "destination": self._names["destination"],
            "secret": _name(page.secret),
            "is_signup": page.operation == "signup" and bool(page.login),
            "has_failed": page.state == "failed",
            "has_moved": page.state == "done",
            "failures": _table(failures, number(len(page.failures), "entity")),
            "conflicts": _table(conflicts, number(len(page.conflicts), "name")),
            "renames": _yaml(renames.kept, renames.omitted + left),
            "moves": _table(moves, _count(page.moves)),
            "claims": _table(claims, ""),
            "token": about_token(page).format(**self._names) if page.login else "",
        }

    def _fit(
        self, items: Sequence[T], write: Callable[[T], str], room: Room, *, share: tuple[int, int]
    ) -> Rows:
        part = room.part(*share)
        rows = fit_rows(items, write, part.room)
        part.settle()
        self.omitted += rows.omitted
        return rows

    def _facts(self) -> list[tuple[str, str]]:
        """What is known of the account, (label, value) each."""
        page = self._page
        agent = _cell(page.login)
        if page.organization and page.organization != page.login:
            agent = f"{agent}, organization {_cell(page.organization)}"
        facts = [
            ("Agent", agent),
            ("Made", _moment(page.created_at)),
            ("Its access token can write until", _moment(page.writes_until)),
            ("Destination", _cell(page.destination)),
            ("Can be claimed until", "" if page.state == "done" else _moment(page.claim_until)),
            ("Id of the claim", _cell(page.transfer_id)),
        ]
        return [(label, value) for label, value in facts if value]


def _table(rows: Rows, label: str) -> dict[str, Any] | None:
    if not (rows.kept or rows.omitted):
        return None
    return {
        "rows": rows.kept,
        "omitted": f"{rows.omitted:,}" if rows.omitted else "",
        "label": label,
    }


def _acceptable(renames: Sequence[str]) -> Sequence[str]:
    """As many lines as the input `claim-renames` takes."""
    room = Room(Size(*[MOST_BYTES - _SLACK] * 3))
    return fit_rows(renames[:MOST_ENTRIES], str, room).kept


def _yaml(kept: Sequence[str], omitted: int) -> str:
    """A block of the workflow, to be pasted under `with:`."""
    if not kept:
        return ""
    more = f"  # {omitted:,} more: see the output claim-conflicts\n" if omitted else ""
    lines = "".join(f"  {row}\n" for row in kept)
    return fence(f"claim-renames: |\n{lines}{more}", "yaml")


def _fault(page: AccountPage) -> str:
    said = "\n".join(filter(None, (page.fault, page.hint)))
    return fence(said[:_LONGEST_FAULT]) if said else ""


def _count(items: Sequence[Item]) -> str:
    """`2 stacks, 1 environment`, in the order in which each kind comes first."""
    counts = Counter(item.noun for item in items)
    return ", ".join(_counted(count, noun) for noun, count in counts.items())


def _counted(count: int, noun: str) -> str:
    if noun == _OTHERS and count > 1:
        return f"{count:,} entities of other kinds"
    return number(count, noun)


def _move_row(item: Item) -> str:
    size = "" if item.resources is None else f"{item.resources:,}"
    new = _cell(item.note) if item.note else ""
    return f"| {item.noun} | {_cell(item.name)} | {new} | {size} |"


def _conflict_row(item: Item) -> str:
    free = _cell(item.note) if item.note else "it cannot be renamed here"
    return f"| {item.noun} | {_cell(item.name)} | {free} |"


def _failure_row(item: Item) -> str:
    why = plain(item.note, _LONGEST_REASON) or "Pulumi Cloud does not say why"
    return f"| {item.noun} | {_cell(item.name)} | {why} |"


def _claim_row(claim: Progress) -> str:
    return f"| {_cell(claim.login)} | {claim.state} | {claim.left:,} | {_cell(claim.transfer_id)} |"


def _cell(text: str) -> str:
    return code_span(clip_line(text, _LONGEST_NAME), in_table=True)


def _name(text: str) -> str:
    return code_span(clip_line(text, _LONGEST_NAME))


def _moment(time: str) -> str:
    """`2026-11-21 10:00 UTC` of `2026-11-21T10:00:00Z`."""
    return f"{time[:10]} {time[11:16]} UTC" if time else ""
