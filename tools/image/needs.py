"""What a machine needs for the image tier, installed from its own packages where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PROGRAMS = ("buildah", "podman", "crun", "unshare", "ldd", "ldconfig", "chroot", "strip")
PACKAGES = ("buildah", "podman", "crun", "binutils")
_PATIENCE_S = 600.0


class CannotRun(Exception):
    """This machine cannot run containers; the text says why. Nothing about the image is wrong."""


def install_programs() -> None:
    """Makes sure that `PROGRAMS` are there.

    Raises `CannotRun` without root on Linux, and where programs are missing and cannot be
    installed.
    """
    if not sys.platform.startswith("linux"):
        raise CannotRun(f"containers of this kind run on Linux, not on {sys.platform}")
    if os.geteuid() != 0:
        raise CannotRun("namespaces and chroot need root: run it with sudo")
    if not _missing():
        return
    if shutil.which("apt-get") is None:
        raise CannotRun(f"missing: {', '.join(_missing())}, and there is no apt-get to install it")
    for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends"]):
        packages = PACKAGES if arguments[0] == "install" else ()
        _apt_get(*arguments, *packages)
    if _missing():
        raise CannotRun(f"missing although its package is installed: {', '.join(_missing())}")


def check_namespaces() -> None:
    """Raises `CannotRun` where this process may not make namespaces, as in most containers."""
    command = ["unshare", "--mount", "--net", "--propagation", "private", "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotRun(f"no namespaces here: {done.stderr.strip()}")


def _missing() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _apt_get(*arguments: str) -> None:
    try:
        done = subprocess.run(
            ["apt-get", *arguments],  # noqa: S607 - the machine's own, wherever it lies
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotRun(f"apt-get {arguments[0]} took more than {_PATIENCE_S:.0f} s") from error
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-5:])
        raise CannotRun(f"apt-get {arguments[0]} failed:\n{last}")
