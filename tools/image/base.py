"""Makes a local stand-in for `python:3.x-slim` out of what this machine runs itself.

An interpreter, the shared libraries that it and its modules are linked to, a shell and a handful
of programs: enough for the Dockerfile, without a registry. It holds this machine's certificate
authorities and pip settings, so that `pip` works in it as it works here; it is for tests only.
"""

from __future__ import annotations

import configparser
import io
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tools.image.needs import CannotRun
from tools.image.pythons import Python

_PROGRAMS: Final = ("sh", "true", "cat", "chmod", "cp", "find", "ln", "ls", "mkdir", "mv", "rm")
_PROMISED: Final = (
    *("libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "libresolv.so.2", "librt.so.1"),
    *("libutil.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libnss_dns.so.2", "libnss_files.so.2"),
)
"""Libraries that wheels may expect of any Linux, and those that the C library opens by name."""
_BUNDLE: Final = Path("etc/ssl/certs/ca-certificates.crt")
_BUNDLES: Final = (f"/{_BUNDLE}", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_LEFT_OUT: Final = shutil.ignore_patterns(
    "__pycache__", "test", "tests", "idlelib", "tkinter", "turtledemo", "site-packages", "config-*"
)
CONTAINERFILE: Final = """\
FROM scratch
COPY . /
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["python3"]
"""
# `LANG` is left out on purpose: the image must do without it.


def make_root(root: Path, python: Python, variables: Mapping[str, str]) -> None:
    """Fills `root` with a root file system around `python`. Raises `CannotRun` when it cannot."""
    local = root / "usr/local"
    for folder in ("etc", "tmp", "proc", "sys", "dev", "root", "usr/bin", "usr/local/bin"):
        (root / folder).mkdir(parents=True)
    shutil.copytree(python.library, local / "lib" / python.name, symlinks=True, ignore=_LEFT_OUT)
    (local / "lib" / python.name / "site-packages").mkdir()
    shutil.copy2(python.program.resolve(), local / "bin" / python.name)
    for name in ("python3", "python"):
        (local / "bin" / name).symlink_to(python.name)
    programs = [Path(found) for name in _PROGRAMS if (found := shutil.which(name))]
    for program in programs:
        shutil.copy2(program.resolve(), root / "usr/bin" / program.name)
    (root / "bin").symlink_to("usr/bin")
    modules = [python.program, *python.library.glob("lib-dynload/*.so"), *programs]
    _copy_libraries(root, _libraries(modules), python)
    _strip(local)
    _copy_settings(root, python, variables)
    _run("chroot", str(root), "/usr/local/bin/python3", "-m", "ensurepip", "--default-pip")
    _run("chroot", str(root), "/usr/local/bin/python3", "-c", "import ssl, zlib, ctypes, hashlib")


def _libraries(modules: Iterable[Path]) -> set[Path]:
    """The files that the dynamic linker would load for these, by the names it would use."""
    linked = _run("ldd", *map(str, modules))
    cached = _run("ldconfig", "-p")
    found = {Path(path) for path in re.findall(r"(?:=> |^\t)(/\S+) \(0x", linked, re.MULTILINE)}
    for name in _PROMISED:
        known = re.search(rf"^\t{re.escape(name)} .*=> (\S+)$", cached, re.MULTILINE)
        found |= {Path(known[1])} if known else set()
    return found


def _copy_libraries(root: Path, libraries: Iterable[Path], python: Python) -> None:
    folders = {"/usr/local/lib"}
    for path in libraries:
        own = path.is_relative_to(python.prefix)
        target = root / "usr/local/lib" / path.name if own else root / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)
        folders.add(f"/{target.parent.relative_to(root)}")
    (root / "etc/ld.so.conf").write_text("\n".join(sorted(folders)) + "\n", encoding="ascii")
    _run("ldconfig", "-r", str(root))


def _strip(local: Path) -> None:
    """Without symbols, like the official image's: what the image weighs is measured."""
    built = [path for path in local.rglob("*") if path.is_file() and not path.is_symlink()]
    linked = [path for path in built if ".so" in path.name or path.parent.name == "bin"]
    _run("strip", "--strip-unneeded", *map(str, linked))


def _copy_settings(root: Path, python: Python, variables: Mapping[str, str]) -> None:
    bundles = (variables.get("SSL_CERT_FILE", ""), *_BUNDLES)
    bundle = next((Path(path) for path in bundles if path and Path(path).is_file()), None)
    if bundle is None:
        raise CannotRun("no file with certificate authorities was found")
    for target in (root / _BUNDLE, root / str(python.authorities).lstrip("/")):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bundle, target)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="ascii")
    (root / "etc/group").write_text("root:x:0:\n", encoding="ascii")
    (root / "etc/pip.conf").write_text(pip_settings(variables), encoding="utf-8")


def pip_settings(variables: Mapping[str, str]) -> str:
    """This machine's pip settings in one file: its own files, then the variables `PIP_…`."""
    merged = configparser.RawConfigParser(strict=False)
    home = Path(variables.get("HOME", "/"))
    merged.read(
        [Path("/etc/pip.conf"), home / ".pip/pip.conf", home / ".config/pip/pip.conf"],
        encoding="utf-8",
    )
    if not merged.has_section("global"):
        merged.add_section("global")
    for name, value in _options(variables):
        merged.set("global", name, value)
    # The only file of authorities that the base has.
    merged.set("global", "cert", f"/{_BUNDLE}")
    text = io.StringIO()
    merged.write(text)
    return text.getvalue()


def _options(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(variables.items()):
        option = name.removeprefix("PIP_").lower().replace("_", "-")
        if name.startswith("PIP_") and value and option not in {"config-file", "user", "target"}:
            yield option, value


def local_links(variables: Mapping[str, str]) -> list[Path]:
    """Folders of this machine in which pip looks for wheels: the build needs to see them, too."""
    named = variables.get("PIP_FIND_LINKS", "").split()
    return [Path(path) for path in named if Path(path).is_absolute() and Path(path).is_dir()]


def _run(*command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=300, check=False
    )
    # `ldd` fails when one of many files is a script or static; it still tells of the others.
    if done.returncode != 0 and command[0] != "ldd":
        raise CannotRun(f"{command[0]} failed for the base image:\n{done.stderr.strip()}")
    return done.stdout
