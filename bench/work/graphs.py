"""Random workflow graphs and random changes of them: what must be true of every single one.

`python -m bench.work.graphs --count 20000 --seed 1` prints how many there were and what became of them,
and exits 1 at the first that breaks a rule:

- what is hidden comes back exactly, and no planted secret is in anything that leaves;
- a change is refused with a finding, or what comes of it could be stored and run (judged here anew);
- applying and undoing is the identity, and the graph before is not touched;
- an undo on the server from what was stored there brings each secret back to its own place, or is refused;
- the same comes out again, and in another order of independent items.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from upshot.powabase.apply import apply_diff, undo
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import InvalidWorkflow, errors_of
from upshot.powabase.graph import Graph, digest_graph, read_graph, to_snapshot, to_wire
from upshot.powabase.secrets.carry import carry_stand_ins
from upshot.powabase.secrets.hide import (
    digest_masked,
    hide_new_secrets,
    hide_secrets,
    restore_secrets,
)
from upshot.powabase.state import build_state
from upshot.powabase.workflow_file import write_workflow
from upshot.report.redact.redact import Redactor

TYPES: Final = (
    "starter", "webhook", "agent", "code", "condition", "general_api", "response", "split",
)  # fmt: skip
_MADE: Final = "fresh-secret-0123456789"
_NAMES: Final = ("Input", "Ask", "Answer", "Route", "Notify", "Store", "Ask", "Ünïcode", "a-b c_d")
_WORDS: Final = (
    "hello",
    "",
    "a < b",
    "<div.card>",
    "<Input",
    "line\nbreak",
    "ü",
    "{}",
    "[upshot-secret-1]",
)


def random_graph(rng: random.Random) -> tuple[dict[str, Any], list[str]]:
    """A graph that is valid, as the server gives it, and the secrets planted in it."""
    secrets: list[str] = []
    blocks: list[dict[str, Any]] = []
    for number in range(rng.randint(0, 10)):
        kind = rng.choice(TYPES)
        name = rng.choice((*_NAMES, f"Block {number}", f"Block {number}", ""))
        blocks.append(
            {
                "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "type": kind,
                "name": name,
                "position": {"x": rng.choice((0, 300, 12.5, 1e6 / 3)), "y": rng.randint(-500, 900)},
                "config": _config(rng, kind, blocks, secrets),
                "enabled": rng.random() < 0.9,
            }
        )
    edges: list[dict[str, Any]] = []
    for at, target in enumerate(blocks):
        for source in rng.sample(blocks[:at], min(at, rng.choice((0, 1, 1, 2)))):
            handle = _handle(rng, source)
            edges.append(
                {
                    "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                    "source": source["id"],
                    "target": target["id"],
                    "sourceHandle": handle or rng.choice(("output", None)),
                    "targetHandle": "input",
                    "condition": handle if handle and not handle.isdecimal() else None,
                }
            )
    rng.shuffle(blocks)
    rng.shuffle(edges)
    return {"version": rng.randint(1, 99), "blocks": blocks, "edges": edges}, secrets


def random_diff(rng: random.Random, names: Sequence[str]) -> dict[str, Any]:
    """A change as a model might say it: mostly sensible, sometimes not."""
    temps = [f"{rng.choice(TYPES)}_{number}" for number in range(rng.choice((0, 0, 1, 1, 2, 3)))]
    refs = [*names, *temps]
    diff: dict[str, list[Any]] = {
        "add_blocks": [_new_block(rng, temp, refs) for temp in temps],
        "remove_blocks": rng.sample(list(names), min(len(names), rng.choice((0, 0, 0, 1, 2)))),
        "update_blocks": [
            {"id": rng.choice(refs), "config": _update(rng, refs)}
            for _ in range(rng.choice((0, 0, 1, 2)) if refs else 0)
        ],
        "add_edges": [_edge(rng, refs, temps) for _ in range(rng.choice((0, 1, 2)) if refs else 0)],
        "remove_edges": [
            _edge(rng, refs, ()) for _ in range(rng.choice((0, 0, 0, 1)) if refs else 0)
        ],
    }
    if rng.random() < 0.1:
        _spoil(rng, diff)
    return {key: items for key, items in diff.items() if items}


def check_one(rng: random.Random, tally: Counter[str]) -> None:
    """One graph and one change. Raises AssertionError when a rule is broken."""
    raw, secrets = random_graph(rng)
    tally["blocks"] += len(raw["blocks"])
    tally["edges"] += len(raw["edges"])
    tally["secrets planted"] += len(secrets)
    find = Redactor([]).spans
    server = read_graph(raw)
    before, vault = hide_secrets(server, find)
    assert to_wire(restore_secrets(before, vault, make=str)) == to_wire(server)
    state = build_state(before)
    for leaving in (state.body, write_workflow(before), to_wire(before)):
        _no_secret(leaving, secrets)
    diff = read_diff(random_diff(rng, [node["id"] for node in state.body["nodes"]]))
    digest = digest_graph(before)
    try:
        applied = apply_diff(before, diff, cut=state.cut)
    except InvalidWorkflow as refusal:
        found = errors_of(refusal.findings)
        if not found:
            raise AssertionError("refused without an error") from refusal
        tally["refused"] += 1
        tally.update({f"refused: {one.code}" for one in found})
        return
    assert digest_graph(before) == digest, "the graph before was touched"
    assert to_wire(undo(applied.after, applied)) == to_wire(before)
    assert apply_diff(before, _shuffled(rng, diff), cut=state.cut).after == applied.after
    if diff.is_empty:
        tally["empty changes"] += 1
        assert applied.after == before
        assert applied.change.is_empty
    put = to_wire(restore_secrets(applied.after, vault, make=lambda: _MADE))
    _could_be_stored(put)
    assert "[upshot-secret-new]" not in json.dumps(put)
    shown = hide_new_secrets(applied.after, find)
    _no_secret(to_wire(shown), secrets)
    _undo_on_server(server, before, shown, read_graph(put), tally)
    tally["applied"] += 1
    tally.update(applied.change.counts)


def _undo_on_server(
    server: Graph, before: Graph, shown: Graph, stored: Graph, tally: Counter[str]
) -> None:
    """From the stored state, `before`, and the graph that the server has now, `stored`."""
    find = Redactor([]).spans
    snapshot, _ = hide_secrets(read_graph(to_snapshot(before)), find)
    assert to_wire(snapshot) == to_wire(before), "hidden again it is another graph"
    now, vault = hide_secrets(stored, find)
    if digest_masked(now) != digest_masked(shown):
        tally["undo: not recognised"] += 1  # a secret that nothing shows to be one any more
        return
    try:
        back = restore_secrets(carry_stand_ins(snapshot, shown, now), vault, make=lambda: _MADE)
    except InvalidWorkflow:
        tally["undo: a secret is gone"] += 1
        return
    text = json.dumps(to_wire(server), sort_keys=True)
    for block in server.blocks:
        secret = block.config.get("webhook_secret")
        if secret and block.id not in stored.by_id():
            text = text.replace(secret, _MADE)
    assert json.dumps(to_wire(back), sort_keys=True) == text, "the undo is another graph"
    tally["undo: done"] += 1


def main(argv: Sequence[str]) -> int:
    """Exit code 1 when a rule is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.work.graphs")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    tally: Counter[str] = Counter()
    started = time.monotonic()
    for number in range(given.count):
        try:
            check_one(random.Random(f"{given.seed} {number}"), tally)
        except Exception:
            print(f"BROKEN: number {number} of seed {given.seed}")
            raise
    print(
        f"{given.count:,} graphs and changes in {time.monotonic() - started:.0f} s, no rule broken"
    )
    for name, count in sorted(tally.items()):
        print(f"  {name:32} {count:>10,}")
    return 0


def _config(
    rng: random.Random, kind: str, earlier: Sequence[dict[str, Any]], secrets: list[str]
) -> dict[str, Any]:
    def secret() -> str:
        value = f"S{rng.getrandbits(96):024x}"
        secrets.append(value)
        return value

    def text() -> str:
        named = [one["name"] or one["id"] for one in earlier]
        words = [rng.choice(_WORDS) for _ in range(rng.randint(0, 3))]
        if named and rng.random() < 0.4:
            words.append(f"<{rng.choice(named)}.output{rng.choice(('', '.field'))}>")
        return " ".join(words) + ("x" * 2_500 if rng.random() < 0.02 else "")

    config: dict[str, Any] = {
        "input": rng.choice((text(), {"q": "string"}, [text(), None, 1, 2.0, True])),
        "note": text(),
    }
    if kind == "condition":
        config["branches"] = [{"expression": text()} for _ in range(rng.randint(1, 3))]
    if kind == "split":
        config["branches"] = rng.randint(1, 3)
    if kind == "webhook":
        config |= {
            "webhook_id": str(uuid.UUID(int=rng.getrandbits(128))),
            "webhook_secret": secret(),
        }
    if kind == "agent" and rng.random() < 0.5:
        config["api_key"] = secret()
    if kind == "general_api":
        config["url"] = f"https://api.example/{rng.choice(('a', 'b'))}?token={secret()}&q=1"
        header = {
            "Authorization": f"Bearer {secret()}",
            "X-Key": secret(),
            "Accept": "text/plain",
        }
        config["headers"] = rng.choice(
            (
                header,
                [{"cells": {"Key": name, "Value": value}} for name, value in header.items()],
                json.dumps(header),
            )
        )
        config["body"] = json.dumps({"password": secret(), "q": text()})
    if secrets and rng.random() < 0.2:
        config["code"] = f"call('{rng.choice(secrets)}')"
    return config


def _handle(rng: random.Random, source: dict[str, Any]) -> str:
    branches = source["config"].get("branches")
    if source["type"] == "condition":
        return rng.choice(["if", "else", *(f"elif_{n}" for n in range(1, len(branches)))])
    return str(rng.randint(1, branches)) if source["type"] == "split" else ""


def _new_block(rng: random.Random, temp: str, refs: Sequence[str]) -> dict[str, Any]:
    block: dict[str, Any] = {
        "id": temp,
        "type": temp.rpartition("_")[0],
        "config": _update(rng, refs),
    }
    if rng.random() < 0.8:
        block["position"] = {"x": rng.randint(0, 900), "y": rng.random() * 1_000}
    if rng.random() < 0.8:
        block["name"] = rng.choice((*_NAMES, "New one"))
    return block


def _update(rng: random.Random, refs: Sequence[str]) -> dict[str, Any]:
    values: tuple[Any, ...] = ("plain", f"use <{rng.choice(refs)}.output>", 3, None, {"a": [1]})
    fields = ("input", "system_prompt", "note", "knowledge_bases", "model")
    if rng.random() < 0.1:  # drops secrets, keeps them, or moves them
        kept = ("Authorization", "Bearer [upshot-secret-1]"), ("X-Key", "[upshot-secret-2]")
        return {"headers": dict(rng.choice((*kept, ("Accept", "text/plain"))) for _ in "ab")}
    return {rng.choice(fields): rng.choice(values) for _ in range(rng.randint(0, 2))}


def _edge(rng: random.Random, refs: Sequence[str], temps: Sequence[str]) -> dict[str, Any]:
    edge = {"source": rng.choice(refs), "target": rng.choice(temps or refs)}
    if rng.random() < 0.15:
        edge["sourceHandle"] = rng.choice(("if", "else", "1", "nowhere"))
    return edge


def _spoil(rng: random.Random, diff: dict[str, list[Any]]) -> None:
    """One mistake of those that models make."""
    spoiled: tuple[tuple[str, Any], ...] = (
        ("add_blocks", {"id": "input_1", "type": "llm", "position": {"x": 0, "y": 0}}),
        ("add_blocks", {"id": "twin", "type": "code", "position": {"x": 0, "y": 0}}),
        ("remove_blocks", "Missing"),
        ("update_blocks", {"id": "Input", "config": {"note": "[upshot-secret-7]"}}),
        ("update_blocks", {"id": "Input", "config": {"note": "<Missing.output>"}}),
        ("add_edges", {"source": "Missing", "target": "Input"}),
        ("add_edges", {"source": "Input", "target": "Input"}),
    )
    key, item = rng.choice(spoiled)
    diff[key] += [item] * rng.choice((1, 1, 2))


def _shuffled(rng: random.Random, diff: Any) -> Any:
    """The same items in another order; updates of one block stay in theirs."""
    from msgspec.structs import replace

    def mixed(items: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(rng.sample(items, len(items)))

    updates = list(diff.update_blocks)
    if len({update.ref for update in updates}) == len(updates):
        rng.shuffle(updates)
    return replace(
        diff,
        add_blocks=mixed(diff.add_blocks),
        remove_blocks=mixed(diff.remove_blocks),
        update_blocks=tuple(updates),
        add_edges=mixed(diff.add_edges),
        remove_edges=mixed(diff.remove_edges),
    )


def _no_secret(leaving: object, secrets: Sequence[str]) -> None:
    text = leaving if isinstance(leaving, str) else json.dumps(leaving)
    assert not [secret for secret in secrets if secret in text]


def _could_be_stored(put: dict[str, Any]) -> None:
    """What the server and its engine demand, written apart from `validate`."""
    ids = [block["id"] for block in put["blocks"]]
    assert all(str(uuid.UUID(block_id)) == block_id for block_id in ids)
    assert len(set(ids)) == len(ids)
    assert all(block["type"] in TYPES and len(block["name"]) <= 255 for block in put["blocks"])
    arrows = [(edge["source"], edge["target"]) for edge in put["edges"]]
    assert {end for arrow in arrows for end in arrow} <= set(ids)
    ends = [
        (*arrow, edge["sourceHandle"] or "output")
        for arrow, edge in zip(arrows, put["edges"], strict=True)
    ]
    assert len(set(ends)) == len(ends)
    left = set(ids)
    while left:
        free = {one for one in left if not any(b == one and a in left for a, b in arrows)}
        assert free, "a circle"
        left -= free


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
