"""Writes uv.lock and the hashed requirement files that pip installs from.

`uv` resolves; the addresses are then left out of uv.lock: versions and hashes decide what is
installed, and where it is fetched from is the business of the machine (a mirror, a proxy, the
public index). See docs/decisions/0003-lock-without-addresses.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPORTS = {
    "runtime.txt": ["--no-dev"],
    "build.txt": ["--only-group", "build"],
    "dev.txt": ["--group", "dev", "--group", "build"],
    "judges.txt": ["--only-group", "judges"],
}


def uv(*arguments: str) -> str:
    command = [sys.executable, "-m", "uv", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def without_addresses(lock: str) -> str:
    lock = re.sub(r'url = "https://[^"]*/([^"/]+)"', r'filename = "\1"', lock)
    return re.sub(r'registry = "https://[^"]*"', 'registry = "simple"', lock)


def without_comments(requirements: str) -> str:
    lines = [line for line in requirements.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"


def main() -> int:
    lock = ROOT / "uv.lock"
    lock.unlink(missing_ok=True)
    uv("lock", "--quiet")
    lock.write_text(without_addresses(lock.read_text(encoding="utf-8")), encoding="utf-8")
    for name, options in EXPORTS.items():
        exported = uv("export", "--frozen", "--no-emit-project", "--no-header", *options)
        target = ROOT / "requirements" / name
        target.write_text(without_comments(exported), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
