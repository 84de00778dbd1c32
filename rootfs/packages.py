"""What scanners and licences ask for: which packages the files of the image come from.

Nothing can be installed in the image, but what is in it has versions, which scanners look up, and terms,
which want to be passed on. Debian's packages are told as images without a package manager tell them:
a file each in `/var/lib/dpkg/status.d`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from rootfs.tree import Tree

_DPKG: Final = Path("/var/lib/dpkg")
_SYSTEM: Final = ("etc/os-release", "etc/debian_version")
_TERMS: Final = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def copy_origins(files: Iterable[Path], tree: Tree, root: Path = Path("/")) -> list[str]:
    """Names the system's packages that `files` come from, with their terms; nothing where dpkg is not."""
    owners = sorted(set(_owners({path.resolve() for path in files}, root)))
    stanzas = _stanzas(root)
    for package in owners:
        tree.write(f"{_DPKG}/status.d/{package}", stanzas[package])
        terms = root / "usr/share/doc" / package / "copyright"
        if terms.exists():
            tree.copy_as_it_lies(terms)
    for name in _SYSTEM:
        if (root / name).exists():
            tree.copy_as_it_lies(root / name)
    return owners


def _owners(files: set[Path], root: Path) -> Iterator[str]:
    names = {path.name for path in files}
    for listing in (root / _DPKG.relative_to("/") / "info").glob("*.list"):
        for line in listing.read_text("utf-8").splitlines():
            # Debian lists `/lib/…` for what lies in `/usr/lib/…`.
            if line.rpartition("/")[2] in names and (root / line.lstrip("/")).resolve() in files:
                yield listing.stem.partition(":")[0]
                break


def _stanzas(root: Path) -> dict[str, str]:
    status = root / _DPKG.relative_to("/") / "status"
    found: dict[str, str] = {}
    for stanza in status.read_text("utf-8").split("\n\n") if status.exists() else ():
        name = stanza.partition("\n")[0].removeprefix("Package: ")
        found[name] = stanza.strip() + "\n"
    return found


def find_distributions(site_packages: Path, modules: Iterable[Path]) -> dict[str, list[Path]]:
    """The distributions that `modules` come from, each with its metadata and terms.

    `modules` are files in `site_packages`; so are the files that are returned.
    """
    kept = {path.relative_to(site_packages).as_posix() for path in modules}
    found: dict[str, list[Path]] = {}
    for distribution in distributions(path=[str(site_packages)]):
        files = [Path(file) for file in distribution.files or ()]
        if kept.isdisjoint(file.as_posix() for file in files):
            continue
        told = [file for file in files if file.parts[0].endswith(".dist-info") and _is_told(file)]
        found[distribution.name] = [site_packages / file for file in told]
    return found


def _is_told(file: Path) -> bool:
    """Whether it is of those that scanners read, or of the terms."""
    name = file.parts[1]
    return name in {"METADATA", "licenses"} or name.upper().startswith(_TERMS)
