"""Takes secrets out of a graph, and puts them back at the same places (threat T64). Pure.

Everything that leaves us holds stand-ins: the state for the Copilot, reports, files, snapshots. A
stand-in says neither what it stands for nor how long that is, so that files do not change with it.
It goes back only to the block and the field that it came from: a change may not carry a secret to
a place where another party reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NoReturn, final

from msgspec.structs import replace

from upshot.powabase.findings import Code, Finding, InvalidWorkflow
from upshot.powabase.graph import Block, Graph, digest_graph
from upshot.powabase.names import map_texts, texts_of
from upshot.powabase.secrets.walk import Found, hide_in
from upshot.powabase.validate import block_label
from upshot.secret import Secret, why_not_masked

NEW: Final = "[upshot-secret-new]"
"""Stands for a secret that a put makes (`webhook_secret` of a new webhook), or for one that a change
brought: it cannot be restored from anywhere."""
STAND_IN: Final = re.compile(r"\[upshot-secret-(?:\d{1,6}|new)\]")
MADE_FIELD: Final = "webhook_secret"
FindSecrets = Callable[[str], Sequence[tuple[int, int]]]
"""Where secrets stand in a text, by value or by shape: sorted spans (`Redactor.spans`)."""
Place = tuple[str, str]
"""Block id, field of the config's first level. Fields beside the config have `/extra` after the id."""


@final
class Vault:
    """The secrets of one graph by place, in the order of their stand-ins. Cannot be printed."""

    __slots__ = ("__values",)

    def __init__(self, values: dict[Place, tuple[Any, ...]]) -> None:
        self.__values = values

    def open(self, place: Place) -> tuple[Any, ...]:
        """The values behind the stand-ins 1, 2, … of a place; for a put, never for text."""
        return self.__values.get(place, ())

    @property
    def count(self) -> int:
        return sum(map(len, self.__values.values()))

    def secrets(self) -> Iterator[Secret]:
        """Every text in it, for the redactor, which looks for them in all that is shown."""
        for values in self.__values.values():
            for text in _texts_and_numbers(list(values)):
                if not why_not_masked(text) and not STAND_IN.fullmatch(text):
                    yield Secret(text)

    def __repr__(self) -> str:
        return f"<Vault of {self.count}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Vault cannot be pickled or copied to another process")


def hide_secrets(graph: Graph, find: FindSecrets) -> tuple[Graph, Vault]:
    """The graph with a stand-in for each secret, and what they stand for.

    A value is a secret by the name of its field, by `find`, or because it is one elsewhere in the
    graph. A text that looks like a stand-in is hidden as well, so that nothing is taken for one.
    """
    finder = _with_known(find, _known_values(graph, find))
    values: dict[Place, tuple[Any, ...]] = {}

    def hidden(place: Place, value: Any) -> Any:
        kept: list[Any] = []

        def keep(secret: Any) -> str:
            kept.append(secret)
            return f"[upshot-secret-{len(kept)}]"

        public = hide_in(place[1], value, Found(finder, keep))
        if kept:
            values[place] = tuple(kept)
        return public

    return map_fields(graph, lambda _, place, value: hidden(place, value)), Vault(values)


def hide_new_secrets(graph: Graph, find: FindSecrets) -> Graph:
    """The graph for showing and for files: what a change brought is hidden, stand-ins stay."""
    found = Found(find, lambda _: NEW, STAND_IN)
    return map_fields(graph, lambda _, place, value: hide_in(place[1], value, found))


def restore_secrets(graph: Graph, vault: Vault, *, make: Callable[[], str]) -> Graph:
    """The graph for a put: each stand-in replaced by what it stands for.

    `make` gives a fresh secret for a new webhook. Raises InvalidWorkflow for a stand-in that the
    vault has nothing for.
    """
    problems: list[Finding] = []

    def restored(block: Block, place: Place, value: Any) -> Any:
        restorer = _Restorer(block, place, vault, make)
        public = restorer.walk(value)
        problems.extend(restorer.problems)
        return public

    whole = map_fields(graph, restored)
    if problems:
        raise InvalidWorkflow("the workflow", problems)
    return whole


def digest_masked(graph: Graph) -> str:
    """The digest of a graph whose secrets are hidden, whichever stand-ins they have.

    Equal for a file and a server that differ in nothing but secrets.
    """

    def masked(value: Any) -> Any:
        return map_texts(value, lambda text: STAND_IN.sub(NEW, text))

    return digest_graph(map_fields(graph, lambda _block, _place, value: masked(value)))


def check_stand_ins(before: Graph, after: Graph) -> Iterator[Finding]:
    """Errors for stand-ins that moved, warnings for secrets that may go to another party."""
    were = {place: set(_stand_ins(value)) for place, value in _places(before.blocks)}
    for block in after.blocks:
        for field, value in block.config.items():
            moved = set(_stand_ins(value)) - were.get((block.id, field), set())
            if field == MADE_FIELD and block.type == "webhook" and value == NEW:
                moved = set()
            if moved:
                label = block_label(block)
                text = (
                    f"the change puts the stand-in {min(moved)} into {field} of block {label}, "
                    "where that secret does not belong"
                )
                yield Finding(Code.MISPLACED_SECRET, f"{label} {field}", text)
    yield from _recipients(before, after)


def map_fields(graph: Graph, change: Callable[[Block, Place, Any], Any]) -> Graph:
    """A copy with each field of each config changed, and each field that this version knows not."""

    def changed(block: Block) -> Block:
        parts = {"config": (block.id, block.config), "extra": (f"{block.id}/extra", block.extra)}
        return replace(
            block,
            **{
                part: {name: change(block, (where, name), value) for name, value in fields.items()}
                for part, (where, fields) in parts.items()
            },
        )

    return replace(graph, blocks=tuple(map(changed, graph.blocks)))


def _recipients(before: Graph, after: Graph) -> Iterator[Finding]:
    old = before.by_id()
    for block in after.blocks:
        if block.id not in old or not any(_stand_ins(block.config)):
            continue
        then = old[block.id].config
        label = block_label(block)
        if _origin(then.get("url")) != _origin(block.config.get("url")):
            text = f"block {label} holds secrets and would send them to another address than before"
            yield Finding(Code.SECRET_RECIPIENT, label, text, is_error=False)
        code = block.config.get("code")
        if code != then.get("code") and any(_stand_ins(code)):
            text = f"the code of block {label} holds secrets and is another one than before"
            yield Finding(Code.SECRET_RECIPIENT, label, text, is_error=False)


def _origin(url: object) -> str:
    """Scheme and host as written; a reference in them counts as part of them."""
    match = re.match(r"\s*([^/?#]*//)?[^/?#]*", url) if isinstance(url, str) else None
    return match[0].strip().lower() if match else ""


def _texts_and_numbers(value: object) -> Iterator[str]:
    """Every text, and every whole number as it is written: a password may be one."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts_and_numbers(part)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield str(value)


def _known_values(graph: Graph, find: FindSecrets) -> tuple[str, ...]:
    """Every secret text of the graph that is long enough to be looked for elsewhere in it."""
    kept: list[Any] = []

    def keep(secret: Any) -> str:
        kept.append(secret)
        return NEW

    found = Found(find, keep, note=kept.append)
    map_fields(graph, lambda _, place, value: hide_in(place[1], value, found))
    texts = {text for text in _texts_and_numbers(kept) if not why_not_masked(text)}
    return tuple(sorted(texts, key=lambda text: (-len(text), text)))


def _with_known(find: FindSecrets, known: Iterable[str]) -> FindSecrets:
    def spans(text: str) -> Sequence[tuple[int, int]]:
        found = [*find(text), *(match.span() for match in STAND_IN.finditer(text))]
        for value in known:
            at = text.find(value)
            while at >= 0:
                found.append((at, at + len(value)))
                at = text.find(value, at + len(value))
        return found

    return spans


class _Restorer:
    """Puts secrets back into one field of one block."""

    def __init__(self, block: Block, place: Place, vault: Vault, make: Callable[[], str]) -> None:
        self.problems: list[Finding] = []
        self._values = vault.open(place)
        self._label = block_label(block)
        self._field = place[1]
        self._make = make
        self._is_made = block.type == "webhook" and place == (block.id, MADE_FIELD)

    def walk(self, part: Any) -> Any:
        """A copy with every stand-in replaced; those that cannot be are in `problems`."""
        if isinstance(part, str):
            whole = STAND_IN.fullmatch(part)
            return self._secret(part) if whole else STAND_IN.sub(self._inline, part)
        if isinstance(part, dict):
            return {name: self.walk(inner) for name, inner in part.items()}
        return [self.walk(inner) for inner in part] if isinstance(part, list) else part

    def _inline(self, match: re.Match[str]) -> str:
        secret = self._secret(match[0])
        return secret if isinstance(secret, str) else self._lost(match[0])

    def _secret(self, stand_in: str) -> Any:
        if stand_in == NEW:
            return self._make() if self._is_made else self._lost(stand_in)
        at = int(stand_in.removeprefix("[upshot-secret-").removesuffix("]")) - 1
        return self._values[at] if 0 <= at < len(self._values) else self._lost(stand_in)

    def _lost(self, stand_in: str) -> str:
        text = (
            f"nothing is known for the stand-in {stand_in} in {self._field} of block {self._label}"
        )
        self.problems.append(Finding(Code.LOST_SECRET, f"{self._label} {self._field}", text))
        return stand_in


def _places(blocks: Iterable[Block]) -> Iterator[tuple[Place, Any]]:
    for block in blocks:
        for field, value in block.config.items():
            yield (block.id, field), value


def _stand_ins(value: object) -> Iterator[str]:
    for text in texts_of(value):
        yield from STAND_IN.findall(text)
