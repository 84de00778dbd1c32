"""Makes the three layers of the image, each as a folder: Python, the libraries, Upshot.

::

    python -m rootfs --installed /install --programs /src/app --into /image [--byte-code]

Each is what the next one needs and changes more seldom. Without `--byte-code` the layers hold sources, to
measure what byte code is good for.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from rootfs.contents import read_contents
from rootfs.libraries import find_libraries, read_linker
from rootfs.packages import copy_origins, find_distributions
from rootfs.reach import Reach
from rootfs.tree import Tree
from rootfs.words import drop_words

_OURS: Final = "upshot"
_APP: Final = Path("/app")
_DATA: Final = ("upshot.report.templating", "upshot.evidence.rules", "upshot.runner.startup")
"""Our programs that compile templates, rules and expressions (decision 0043)."""
_ETC: Final = {
    "/etc/passwd": "root:x:0:0:root:/root:/sbin/nologin\n",
    "/etc/group": "root:x:0:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("--installed", "--programs", "--into"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--byte-code", action="store_true")
    given = parser.parse_args(arguments)
    site_packages = _find_site_packages(given.installed)
    layers = {name: Tree(given.into / name) for name in ("python", "libraries", _OURS)}
    programs = sorted(given.programs.glob("*.py"))
    maker = Maker(layers, site_packages, has_byte_code=given.byte_code)
    maker.make(programs)
    if given.byte_code:
        place = maker.place(site_packages).relative_to("/")
        _compile_data([given.into / name / place for name in (_OURS, "libraries")])
    for layer in layers.values():
        layer.settle()
    return 0


class Maker:
    """Fills the layers out of the Python that runs this and the libraries in `site_packages`."""

    def __init__(
        self, layers: Mapping[str, Tree], site_packages: Path, *, has_byte_code: bool
    ) -> None:
        self._layers = layers
        self._site_packages = site_packages
        self._has_byte_code = has_byte_code
        self._stdlib = Path(sysconfig.get_path("stdlib"))
        self._contents = read_contents()

    def make(self, programs: Iterable[Path]) -> None:
        """Raises LibraryMissing, SyntaxError and OSError."""
        modules = self._reach(programs)
        for name, path in modules.items():
            self._put_module(name, path)
        self._put_ours(programs)
        self._put_libraries(modules.values())
        self._put_system(modules.values())

    def place(self, path: Path) -> Path:
        """Where a file lies in the image."""
        if path.is_relative_to(self._site_packages):
            return self._stdlib / "site-packages" / path.relative_to(self._site_packages)
        return path

    def _reach(self, programs: Iterable[Path]) -> dict[str, Path]:
        dynload = self._stdlib / "lib-dynload"
        reach = Reach((self._stdlib, dynload, self._site_packages), self._contents)
        reach.add_package(_OURS)
        for program in programs:
            reach.add_program(program)
        for module in self._contents.also:
            reach.add(module)
        for module in _loaded_at_start():
            reach.add(module)
        return reach.files

    def _put_module(self, name: str, path: Path) -> None:
        layer, place = self._layer(path), self.place(path)
        if path.suffix != ".py" or not self._has_byte_code:
            layer.copy(path, place)
        elif name.partition(".")[0] == _OURS:
            # Its lines are for tracebacks, and two of them are run by their path.
            layer.put_module(drop_words(path.read_bytes()), place)
        else:
            layer.put_byte_code(path.read_bytes(), place)

    def _put_ours(self, programs: Iterable[Path]) -> None:
        layer = self._layers[_OURS]
        for path in sorted((self._site_packages / _OURS).rglob("*")):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                layer.copy(path, self.place(path))
        for program in programs:
            layer.copy(program, _APP / program.name)

    def _put_libraries(self, modules: Iterable[Path]) -> None:
        theirs = [path for path in modules if path.is_relative_to(self._site_packages)]
        for paths in find_distributions(self._site_packages, theirs).values():
            for path in paths:
                self._layer(path).copy(path, self.place(path))
        for file in self._contents.data:
            path = self._site_packages / file
            self._layer(path).copy(path, self.place(path))
        for place, file in self._contents.links.items():
            path = self._site_packages / file
            self._layer(path).link(place, self.place(path))

    def _put_system(self, modules: Iterable[Path]) -> None:
        layer, program = self._layers["python"], Path(sys.executable)
        linked = [program.resolve(), *(path for path in modules if path.suffix == ".so")]
        linker = read_linker(program)
        libraries = find_libraries(linker, linked, self._contents.libraries)
        for path in sorted(libraries):
            if path.is_relative_to(self._site_packages):
                self._layer(path).copy(path, self.place(path))
            else:
                layer.copy_as_it_lies(path)
        # Which library lies where; the ones that are not here are never asked for.
        for path in (program, Path("/etc/ld.so.cache"), self._stdlib / "LICENSE.txt"):
            if path.exists():
                layer.copy_as_it_lies(path)
        copy_origins(libraries, layer)
        for place, text in _ETC.items():
            layer.write(place, text)
        layer.make_folder("/tmp", 0o1777)  # noqa: S108 - in the image
        for folder in ("/proc", "/sys", "/dev", "/root"):
            layer.make_folder(folder)

    def _layer(self, path: Path) -> Tree:
        if not path.is_relative_to(self._site_packages):
            return self._layers["python"]
        top = path.relative_to(self._site_packages).parts[0]
        is_ours = top == _OURS or top.startswith("pulumi_upshot-")
        return self._layers[_OURS if is_ours else "libraries"]


def _find_site_packages(installed: Path) -> Path:
    """Where pip put the libraries below the prefix that it was given."""
    scheme = {"base": str(installed), "platbase": str(installed)}
    return Path(sysconfig.get_path("platlib", vars=scheme))


def _loaded_at_start() -> list[str]:
    """The modules that this Python loads before any of our programs."""
    command = [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def _compile_data(site_packages: Iterable[Path]) -> None:
    """Compiles what is no module where it lies in the layers, seeing no other library than theirs."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, site_packages))}
    for module in _DATA:
        subprocess.run([sys.executable, "-m", module], env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
