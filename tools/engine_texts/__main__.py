"""See the package's own description."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CalledProcessError
from typing import Final

import msgspec
from msgspec import Struct
from tools.engine_texts.judging import Found, Share, gather, judge, parts_of, share_of
from tools.engine_texts.modules import MODULES, VERSIONS, read_version
from tools.engine_texts.places import load_places

ROOT: Final = Path(__file__).resolve().parents[2]
DATA: Final = ROOT / "tests" / "corpus" / "engine.json"
PAGE: Final = ROOT / "docs" / "evaluation.md"
FOLDER: Final = ROOT / "build" / "engine-texts"

_BLOCK: Final = re.compile(r"(<!-- engine -->\n).*?(<!-- /engine -->)", re.DOTALL)


class Measured(Struct, frozen=True):
    """What was found, and where."""

    modules: list[str]
    versions: list[str]
    texts: list[Found]


def measure(folder: Path = FOLDER, *, misses: bool = False) -> Measured:
    """Reads all versions and judges their texts. Raises CalledProcessError where Go fails."""
    places = load_places()
    texts = gather(((version, read_version(version, folder)) for version in VERSIONS), places)
    found: list[Found] = []
    for text, first, last in texts.values():
        judged = judge(text, first, last, places)
        found.append(judged)
        if misses and judged.expected and not judged.is_right:
            print(f"{text.place}: {judged.given}, expected {judged.expected}: {text.text!r}")
    found.sort(key=lambda each: (each.package, each.function, each.first, each.digest))
    return Measured(list(MODULES.values()), list(VERSIONS), found)


def load(path: Path = DATA) -> Measured:
    return msgspec.json.decode(path.read_bytes(), type=Measured)


def save(measured: Measured, path: Path = DATA) -> None:
    """One text a line, so that a change can be read."""
    head = msgspec.json.encode({"modules": measured.modules, "versions": measured.versions})
    lines = b",\n".join(msgspec.json.encode(each) for each in measured.texts)
    path.write_bytes(head[:-1] + b',"texts":[\n' + lines + b"\n]}\n")


def render(measured: Measured) -> str:
    """A Markdown table."""
    rows: Mapping[str, Share] = {
        **{name: share_of(texts) for name, texts in parts_of(measured.texts).items()},
        "all": share_of(measured.texts),
    }
    lines = ["| Part | Texts | With a class | Right class, where place and words tell it |", "|---|---:|---:|---:|"]  # fmt: skip
    for name, share in rows.items():
        right = f"{100 * share.right:.1f} % of {share.judged}" if share.judged else "none tells it"
        lines.append(f"| {name} | {share.texts} | {100 * share.classified:.1f} % | {right} |")
    modules = " and ".join(f"`{module}`" for module in measured.modules)
    versions = f"{measured.versions[0]} to {measured.versions[-1]}"
    return f"{modules}, {len(measured.versions)} versions from {versions}:\n\n" + "\n".join(lines) + "\n"  # fmt: skip


def write_docs(table: str, page: Path = PAGE) -> None:
    """Puts the table between its markers."""
    text = page.read_text(encoding="utf-8")
    page.write_text(_BLOCK.sub(lambda m: f"{m[1]}{table}{m[2]}", text), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.engine_texts", description=__doc__)
    parser.add_argument("--mine", action="store_true", help="read the modules and measure anew")
    parser.add_argument("--misses", action="store_true", help="with --mine: show what is wrong")
    parser.add_argument("--write-docs", action="store_true", help="update docs/evaluation.md")
    options = parser.parse_args(arguments)
    if options.mine:
        try:
            save(measure(misses=options.misses))
        except (OSError, CalledProcessError) as error:
            print(f"NOT MEASURED: this needs Go and its module proxy: {error}", file=sys.stderr)
            return 1
    table = render(load())
    print(table)
    if options.write_docs:
        write_docs(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
