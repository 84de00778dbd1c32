"""Lower rooms never import higher ones, and each third party has one door (docs/decisions/0001)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "upshot"

# Module prefix -> layer; the longest prefix wins. A module may import its own layer and below.
LAYERS = {
    "upshot": 0,  # __version__ only
    "upshot.model": 0,
    "upshot.errors": 0,
    "upshot.secret": 0,
    "upshot.timing": 0,
    "upshot.address": 0,
    "upshot.registry": 0,
    "upshot.lenient": 0,
    "upshot.linear": 0,
    "upshot.text": 0,
    "upshot.fleet": 1,
    "upshot.inputs": 1,
    "upshot.event": 1,
    "upshot.subject": 1,
    "upshot.workspace": 1,
    "upshot.evidence": 1,
    "upshot.verdict": 2,
    "upshot.gate": 1,
    "upshot.result": 2,
    "upshot.http": 2,
    "upshot.job": 3,
    "upshot.pulumi": 3,
    "upshot.powabase": 3,
    "upshot.actions": 3,
    "upshot.report": 2,
    "upshot.runner": 2,
    "upshot.backends": 4,
    "upshot.publish": 4,
    "upshot.announce": 4,
    "upshot.modes": 5,
    "upshot.app": 6,
    "upshot.cli": 6,
    "upshot.__main__": 7,
    "upshot.post": 7,
}

# Rooms of one layer that do not know each other.
STRANGERS = [
    {"upshot.http", "upshot.report", "upshot.runner"},
    {"upshot.pulumi", "upshot.report"},
    {"upshot.pulumi", "upshot.runner"},
    {"upshot.powabase", "upshot.pulumi"},
    {"upshot.powabase", "upshot.report"},
    {"upshot.powabase", "upshot.runner"},
    {"upshot.actions", "upshot.pulumi"},
    {"upshot.actions", "upshot.report"},
    {"upshot.actions", "upshot.runner"},
    {"upshot.actions", "upshot.publish"},
    {"upshot.backends", "upshot.publish"},
    {"upshot.backends", "upshot.report"},
    {"upshot.publish", "upshot.report"},
    {"upshot.publish", "upshot.pulumi"},
    {"upshot.publish", "upshot.powabase"},
    {"upshot.announce", "upshot.report"},
    {"upshot.announce", "upshot.pulumi"},
    {"upshot.announce", "upshot.powabase"},
]

# Pure rooms that see nothing but the ground floor.
GROUNDED = {"upshot.fleet", "upshot.gate"}

# Third party -> the rooms that may import it.
DOORS = {
    "httpcore": ("upshot.http",),
    "httpx": ("upshot.http",),
    "jinja2": ("upshot.report",),
    "markupsafe": ("upshot.report",),
    "markdown_it": ("upshot.report",),
    "github": ("upshot.publish",),
    "requests": (),  # PyGithub loads both; our requests go through `upshot.http`
    "urllib3": (),
    "msgspec": ("upshot",),
    "re2": ("upshot.linear",),
    "rich": ("upshot.cli",),
    "shtab": ("upshot.cli",),
    "yaml": ("upshot.cli.check",),
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SRC.rglob("*.py")):
        dotted = ".".join(("upshot", *path.relative_to(SRC).with_suffix("").parts))
        yield dotted.removesuffix(".__init__"), path


def imports(module: str, path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return max((p for p in LAYERS if module == p or module.startswith(p + ".")), key=len)


ALL = list(modules())
PATHS = dict(ALL)


@pytest.mark.parametrize(("module", "path"), ALL, ids=[name for name, _ in ALL])
def test_imports_only_its_own_layer_and_below(module: str, path: Path) -> None:
    home = room(module)
    assert home != "upshot" or module == "upshot", f"{module} has no layer: add it to LAYERS"
    for name in imports(module, path):
        if name == "upshot" or not name.startswith("upshot."):
            assert not name.startswith("upshot_sandbox"), f"{module} imports the sandbox"
            continue
        other = room(name)
        assert LAYERS[other] <= LAYERS[home], f"{module} imports {name}, a higher room"
        if home in GROUNDED and other != home:
            assert LAYERS[other] == 0, f"{module} imports {name}, which is not the ground floor"
        if other != home:
            pair = {home, other}
            assert not any(pair <= strangers for strangers in STRANGERS), f"{module}: {name}"


@pytest.mark.parametrize(("module", "path"), ALL, ids=[name for name, _ in ALL])
def test_third_parties_come_through_their_door(module: str, path: Path) -> None:
    for name in imports(module, path):
        doors = DOORS.get(name.split(".", maxsplit=1)[0])
        if doors:
            assert any(module == d or module.startswith(d + ".") for d in doors), (
                f"{module} imports {name}"
            )


@pytest.mark.parametrize(("module", "path"), ALL, ids=[name for name, _ in ALL])
def test_only_the_runner_room_prints(module: str, path: Path) -> None:
    if room(module) in {"upshot.runner", "upshot.cli", "upshot.__main__"}:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{module}:{node.lineno} prints"
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            assert dotted not in {"sys.stdout", "sys.stderr"}, f"{module}:{node.lineno} {dotted}"


def imported_modules(path: Path) -> Iterator[str]:
    """Modules of upshot that a module imports, inside functions too; not those for types alone."""

    def walk(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for other in node.orelse:
                yield from walk(other)
            return
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in PATHS else str(node.module) for name in whole)
        for child in ast.iter_child_nodes(node):
            yield from walk(child)

    return (name for name in walk(ast.parse(path.read_text(encoding="utf-8"))) if name in PATHS)


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: set(imported_modules(path)) - {module} for module, path in ALL}
    open_, done = set[str](), set[str]()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in open_, f"a circle: {' -> '.join(way[way.index(module) :])}"
        if module in done:
            return
        open_.add(module)
        for other in sorted(graph[module]):
            visit(other, (*way, other))
        open_.remove(module)
        done.add(module)

    for module in graph:
        visit(module, (module,))


def test_the_page_about_the_architecture_shows_these_layers() -> None:
    page = (SRC.parents[1] / "docs" / "architecture.md").read_text("utf-8")
    told = {
        f"upshot.{name}": int(layer)
        for layer, names in re.findall(r"^\| (\d) \| ([^|]+) \|", page, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert told == {room: layer for room, layer in LAYERS.items() if room.count(".") == 1}
