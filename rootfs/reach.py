"""Which modules a program may import: read from the sources, nothing is run.

Every `import` counts, also in a function, in `try`, and by a constant name (`import_module("x")`). What
only a type checker reads does not, nor what a module of a library does when it is run as a program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from pathlib import Path
from typing import Final

from rootfs.contents import Contents

_BY_NAME: Final = ("import_module", "__import__")


class Reach:
    """The modules that are reached, as they are found on `paths`, without those that are left out."""

    def __init__(self, paths: Iterable[Path], contents: Contents) -> None:
        self._paths = [str(path) for path in paths]
        self._contents = contents
        self._specs: dict[str, ModuleSpec] = {}
        self._unread: list[str] = []

    @property
    def files(self) -> dict[str, Path]:
        """The file of each module that has one; a package's is its `__init__`."""
        return {
            name: Path(spec.origin)
            for name, spec in sorted(self._specs.items())
            if spec.origin and spec.has_location
        }

    def add(self, module: str) -> bool:
        """Reaches a module and all that it imports; whether it was found."""
        found = self._find(module) is not None
        self._read_all()
        return found

    def add_program(self, path: Path) -> None:
        """Reaches all that a script imports."""
        self._read(ast.parse(path.read_bytes()), package="", is_program=True)
        self._read_all()

    def add_package(self, name: str) -> None:
        """Reaches a package with everything below it; each of its modules may be a program."""
        spec = self._find(name)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*.py")):
                parts = path.relative_to(folder).with_suffix("").parts
                self._find(".".join((name, *parts)).removesuffix(".__init__"))
                package = ".".join((name, *parts[:-1]))
                self._read(ast.parse(path.read_bytes()), package=package, is_program=True)
        self._read_all()

    def _find(self, module: str) -> ModuleSpec | None:
        """Its spec, with all packages that it is in; None for a built-in module or none at all."""
        if module in self._specs:
            return self._specs[module]
        if self._contents.leaves_out(module):
            return None
        paths = self._paths
        if "." in module:
            parent = self._find(module.rpartition(".")[0])
            if parent is None or parent.submodule_search_locations is None:
                return None
            paths = list(parent.submodule_search_locations)
        spec = PathFinder.find_spec(module, paths)
        if spec is not None:
            self._specs[module] = spec
            self._unread.append(module)
        return spec

    def _read_all(self) -> None:
        while self._unread:
            module = self._unread.pop()
            spec = self._specs[module]
            source = _source(spec)
            if source is not None:
                is_package = spec.submodule_search_locations is not None
                package = module if is_package else module.rpartition(".")[0]
                self._read(ast.parse(source.read_bytes()), package=package, is_program=False)

    def _read(self, tree: ast.Module, *, package: str, is_program: bool) -> None:
        for node in _walk(tree, is_program=is_program):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._find(alias.name)
            elif isinstance(node, ast.ImportFrom):
                self._read_from(node, package)
            elif isinstance(node, ast.Call):
                self._find(_constant_name(node))

    def _read_from(self, node: ast.ImportFrom, package: str) -> None:
        parts = [node.module] if node.module else []
        if node.level:
            above = package.split(".")
            parts = [*above[: len(above) - node.level + 1], *parts]
        module = ".".join(parts)
        spec = self._find(module)
        if spec is not None and spec.submodule_search_locations is not None:
            for alias in node.names:
                self._find(f"{module}.{alias.name}")


def _walk(tree: ast.AST, *, is_program: bool) -> Iterator[ast.AST]:
    """The nodes whose code may run."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and _is_idle(child.test, is_program=is_program):
            for other in child.orelse:
                yield other
                yield from _walk(other, is_program=is_program)
        else:
            yield child
            yield from _walk(child, is_program=is_program)


def _is_idle(test: ast.expr, *, is_program: bool) -> bool:
    if isinstance(test, ast.Compare):
        left = test.left
        return not is_program and isinstance(left, ast.Name) and left.id == "__name__"
    return _last_name(test) == "TYPE_CHECKING"


def _constant_name(node: ast.Call) -> str:
    """The module that this call imports, if it does and says so; else a name of none."""
    first = node.args[0] if node.args else None
    if _last_name(node.func) in _BY_NAME and isinstance(first, ast.Constant):
        return str(first.value)
    return "?"


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _source(spec: ModuleSpec) -> Path | None:
    """What can be read of a module: beside a compiled one, a wheel often keeps its source."""
    if not spec.origin or not spec.has_location:
        return None
    path = Path(spec.origin)
    for suffix in EXTENSION_SUFFIXES:
        if path.name.endswith(suffix):
            path = path.with_name(path.name.removesuffix(suffix) + ".py")
            break
    return path if path.suffix == ".py" and path.is_file() else None
