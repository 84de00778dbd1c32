"""What an image weighs as a registry would keep it, layer by layer and part by part."""

from __future__ import annotations

import gzip
import json
import tarfile
import tempfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any, Final

from msgspec import Struct
from tools.image.engine import BuildFailed, Engine

_SITE_PACKAGES: Final = "site-packages"
_PARTS: Final = {
    "libpython": "Python: the interpreter",
    "python": "Python: the interpreter",
    "libcrypto": "OpenSSL",
    "libssl": "OpenSSL",
    "libstdc++": "C and C++ libraries",
    "libgcc_s": "C and C++ libraries",
    "libc": "C and C++ libraries",
    "libm": "C and C++ libraries",
    "ld-linux": "C and C++ libraries",
}
_TOPS: Final = {
    "PyGithub": ("github", "pygithub"),
    "PyJWT": ("jwt", "pyjwt"),
    "PyNaCl": ("nacl", "pynacl"),
    "Upshot": ("upshot", "pulumi_upshot"),
    "cffi": ("_cffi_backend",),
    "google-re2": ("re2", "google_re2"),
    "markdown-it-py": ("markdown_it", "markdown_it_py"),
}
"""Folders and files in `site-packages` of what has another name there."""
_DISTRIBUTIONS: Final = {top: name for name, tops in _TOPS.items() for top in tops}


class Layer(Struct, frozen=True):
    """One layer of an image."""

    digest: str
    size_bytes: int
    """As it is fetched: compressed with gzip."""
    parts: dict[str, int]
    """Compressed bytes of each part, when it is compressed by itself."""


def weigh(engine: Engine, image: str) -> list[Layer]:
    """The layers of an image, the lowest first. Raises BuildFailed when it cannot be written."""
    with tempfile.TemporaryDirectory(dir=engine.folder) as folder:
        done = engine.run("buildah", "push", "--quiet", "--format=oci", image, f"oci:{folder}:it")
        if done.returncode != 0:
            raise BuildFailed(done.stdout)
        (entry,) = _read(Path(folder, "index.json"))["manifests"]
        layers = _read(_blob(folder, entry["digest"]))["layers"]
        return [
            Layer(
                digest=layer["digest"],
                size_bytes=layer["size"],
                parts=_weigh_parts(_blob(folder, layer["digest"])),
            )
            for layer in layers
        ]


def name_part(path: str) -> str:
    """Which part of the image a file belongs to, for people."""
    parts = PurePosixPath(path).parts
    if _SITE_PACKAGES in parts[:-1]:
        top = parts[parts.index(_SITE_PACKAGES) + 1]
        name = top.partition("-")[0].partition(".")[0]
        return _DISTRIBUTIONS.get(name, name)
    if parts[0] == "app":
        return "Upshot"
    if "lib-dynload" in parts or any(part.startswith("python3") for part in parts[:-1]):
        return "Python: its standard library"
    stem = parts[-1].partition(".")[0].rstrip("0123456789")
    for start, part in _PARTS.items():
        if stem == start or parts[-1].startswith(f"{start}-"):
            return part
    return "everything else"


def _weigh_parts(blob: Path) -> dict[str, int]:
    packers: dict[str, Any] = {}
    sizes: Counter[str] = Counter()
    with gzip.open(blob) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                part = name_part(member.name.removeprefix("./"))
                packer = packers.setdefault(part, zlib.compressobj())
                sizes[part] += len(packer.compress(content.read()))
    for part, packer in packers.items():
        sizes[part] += len(packer.flush())
    return dict(sizes.most_common())


def _blob(folder: str, digest: str) -> Path:
    return Path(folder, "blobs", *digest.split(":"))


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
