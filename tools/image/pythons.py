"""Finds, on this machine, a Python to put into the local base image."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from tools.image.needs import CannotRun

OLDEST: Final = (3, 11)
_PLACES: Final = (
    (Path.home(), ".pyenv/versions/*/bin/python3"),
    (Path("/usr/local/bin"), "python3.[0-9]*"),
    (Path("/opt"), "*/bin/python3"),
    (Path("/opt/hostedtoolcache/Python"), "*/*/bin/python3"),
    (Path.home(), ".local/share/uv/python/*/bin/python3"),
)
_ASK: Final = """
import json, ssl, sys, sysconfig
import ensurepip
print(json.dumps({
    "version": sys.version.split()[0],
    "number": sys.version_info[:2],
    "program": sys.executable,
    "scheme": sysconfig.get_default_scheme(),
    "prefix": sys.prefix,
    "library": sysconfig.get_path("stdlib"),
    "authorities": ssl.get_default_verify_paths().openssl_cafile,
}))
"""


class Python(msgspec.Struct, frozen=True):
    """One installed interpreter and where its parts lie."""

    version: str
    number: tuple[int, int]
    program: Path
    scheme: str
    prefix: Path
    library: Path
    authorities: Path
    """Where its TLS library looks for certificates."""

    @property
    def name(self) -> str:
        return f"python{self.number[0]}.{self.number[1]}"


def choose_pythons(dockerfile: str) -> list[Python]:
    """The interpreter nearest to the one that `dockerfile` names, then the one that runs this.

    Nearest is the same version, else the newest. The running one is sure to get its packages:
    it has them. Only those with the layout of python.org count: Debian's own keeps packages
    elsewhere and comes without pip, unlike the official image. Raises `CannotRun` where none fits.
    """
    wanted = re.search(r"^ARG BASE=python:(\d+)\.(\d+)", dockerfile, re.MULTILINE)
    number = (int(wanted[1]), int(wanted[2])) if wanted else OLDEST
    found = [python for python in map(_ask, _candidates()) if python and _fits(python)]
    if not found:
        raise CannotRun("no Python 3.11 or later with python.org's layout, ensurepip and ssl")
    nearest = max(found, key=lambda python: (python.number == number, python.number))
    # One prefix holds several names of its interpreter.
    prefixes = {python.prefix: python for python in found}
    running = prefixes.get(Path(sys.base_prefix), nearest)
    return [nearest] if running.prefix == nearest.prefix else [nearest, running]


def _candidates() -> Iterator[Path]:
    seen = {Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")}
    for folder, pattern in _PLACES:
        seen.update(path for path in folder.glob(pattern) if not path.name.endswith("-config"))
    yield from sorted(path for path in seen if path.exists())


def _ask(program: Path) -> Python | None:
    """What the interpreter says of itself; None when it lacks a part or does not run."""
    try:
        done = subprocess.run(
            [str(program), "-I", "-c", _ASK], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return msgspec.json.decode(done.stdout, type=Python, dec_hook=lambda _, text: Path(text))


def _fits(python: Python) -> bool:
    inside = python.library.is_relative_to(python.prefix)
    return python.number >= OLDEST and python.scheme == "posix_prefix" and inside
