"""From a bare machine to the image of the Dockerfile, each part only where it is not there yet."""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.image.base import CONTAINERFILE, local_links, make_root, pip_settings
from tools.image.engine import BASE, IMAGE, ROOT, SOURCES, BuildFailed, Engine, probe_containers
from tools.image.needs import CannotRun
from tools.image.pythons import Python, choose_pythons

_UNREACHABLE: Final = re.compile(
    r"Failed to establish|name resolution|timed out|CERTIFICATE_VERIFY_FAILED|ProxyError"
)
_NOT_OFFERED: Final = "No matching distribution found"


def prepare(engine: Engine, variables: Mapping[str, str], *, to_measure: bool = False) -> None:
    """Makes the base, sees whether a container runs, and builds the Dockerfile as it is.

    `to_measure` builds it a second time, without byte code.

    Raises `CannotRun` when this machine cannot, `BuildFailed` when the Dockerfile is at fault.
    """
    *first, last = choose_pythons((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    for python in first:
        try:
            return _build(engine, python, variables, to_measure=to_measure)
        except BuildFailed as error:
            # An index that is only a folder of this machine may hold wheels for one Python only.
            if not _UNREACHABLE.search(str(error)) and _NOT_OFFERED not in str(error):
                raise
    try:
        return _build(engine, last, variables, to_measure=to_measure)
    except BuildFailed as error:
        if _UNREACHABLE.search(str(error)):
            raise CannotRun(f"the index of Python packages is out of reach:\n{error}") from error
        raise


def _build(
    engine: Engine, python: Python, variables: Mapping[str, str], *, to_measure: bool
) -> None:
    with _Timed(f"base image around Python {python.version}"):
        _make_base(engine, python, variables)
    with _Timed("an empty container"):
        probe_containers(engine, BASE)
    with _Timed("the Dockerfile"):
        volumes = [f"--volume={folder}:{folder}:ro" for folder in local_links(variables)]
        options = ("--layers", f"--build-arg=BASE={BASE}", *volumes)
        engine.build(IMAGE, ROOT, *options)
    if to_measure:
        with _Timed("the same without byte code"):
            engine.build(SOURCES, ROOT, *options, "--build-arg=BYTE_CODE=")


def _make_base(engine: Engine, python: Python, variables: Mapping[str, str]) -> None:
    made_of = f"{python}\n{pip_settings(variables)}\n{_sources()}"
    key = hashlib.sha256(made_of.encode()).hexdigest()
    stamp = engine.folder / "base"
    if stamp.exists() and stamp.read_text("ascii") == key and engine.has(BASE):
        return
    with tempfile.TemporaryDirectory(dir=engine.folder) as folder:
        root = Path(folder, "root")
        try:
            make_root(root, python, variables)
        except OSError as error:
            raise CannotRun(f"the files of the base image could not be copied: {error}") from error
        recipe = Path(folder, "Containerfile")
        recipe.write_text(CONTAINERFILE, encoding="ascii")
        try:
            engine.build(BASE, root, "--file", str(recipe))
        except BuildFailed as error:
            raise CannotRun(f"the base image could not be made:\n{error}") from error
    stamp.write_text(key, encoding="ascii")


def _sources() -> str:
    return (Path(__file__).parent / "base.py").read_text(encoding="utf-8")


class _Timed:
    """Tells how long a step took."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._started = time.monotonic()

    def __enter__(self) -> None:
        print(f"image: {self._what} …", flush=True)

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            print(f"image: {self._what}: {time.monotonic() - self._started:.1f} s", flush=True)
