"""Downloads versions of the engine's modules and reads their error texts: where Go is there, not before."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

MODULES: Final = {
    "pkg": "github.com/pulumi/pulumi/pkg/v3",
    "sdk": "github.com/pulumi/pulumi/sdk/v3",
}
VERSIONS: Final = (
    "3.0.0", "3.60.0", "3.72.2", "3.90.0", "3.106.0", "3.163.0", "3.182.0", "3.206.0", "3.229.0",
    "3.252.0", "3.274.1", "3.276.0",
)  # fmt: skip
"""From the oldest that is served to the newest; between 3.0.0 and 3.60.0 none is served whole."""
_READER: Final = Path(__file__).with_name("texts.go")


class Text(Struct, frozen=True):
    """One error text, with where it stands; `package` begins with the short name of its module."""

    package: str
    file: str
    function: str
    call: str
    text: str
    args: list[str] | None = None

    @property
    def place(self) -> str:
        return f"{self.package}/{self.file}:{self.function}"


def read_version(version: str, folder: Path) -> Iterator[Text]:
    """Every text of one version of the modules. Raises CalledProcessError where Go fails."""
    folder.mkdir(parents=True, exist_ok=True)
    for short, module in MODULES.items():
        held = folder / f"{short}-{version}.jsonl"
        if not held.exists():
            answer = _go(folder, "mod", "download", "-json", f"{module}@v{version}")
            texts = _go(folder, "run", str(_READER), json.loads(answer)["Dir"])
            held.write_text(texts, encoding="utf-8")
            _go(folder, "clean", "-modcache")  # a version is 100 MB, its texts are 1 MB
        for line in held.read_text(encoding="utf-8").splitlines():
            found = msgspec.json.decode(line, type=Text)
            yield msgspec.structs.replace(found, package=f"{short}/{found.package}")


def _go(folder: Path, *arguments: str) -> str:
    command = ("go", *arguments)
    caches = {"GOMODCACHE": str(folder / "gomod"), "GOFLAGS": "-mod=mod"}
    environment = {**os.environ, **caches}
    found = subprocess.run(
        command, cwd=folder, env=environment, check=True, text=True, stdout=subprocess.PIPE
    )
    return found.stdout
