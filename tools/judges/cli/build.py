"""Builds the CLI, the YAML host and the stand-in provider's environment, once, into build/."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.judges.cli.programs import TYPES, VERSIONS

CLI: Final = "3.274.1"
YAML_HOST: Final = "1.25.0"
STAND_IN: Final = ("pulumi==3.272.0", "grpcio-status==1.85.3")
_MODULE: Final = "github.com/pulumi/pulumi/pkg/v3"
_SDK: Final = "github.com/pulumi/pulumi/sdk/v3"
_YAML: Final = "github.com/pulumi/pulumi-yaml"


class Judge:
    """Where its parts are."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "build" / "judge-cli"
        self.pulumi = self.folder / "pulumi"
        self.host = self.folder / "pulumi-language-yaml"
        self.python = self.folder / "venv" / "bin" / "python"
        self.home = self.folder / "home"
        self.pack = self.home / "policy-pack"

    @property
    def is_ready(self) -> bool:
        return self.pulumi.exists() and self.host.exists() and self.python.exists()


def build(root: Path) -> Judge:
    """Builds what is missing; raises CalledProcessError where Go or pip fails."""
    judge = Judge(root)
    judge.folder.mkdir(parents=True, exist_ok=True)
    if not judge.pulumi.exists():
        _cli(judge)
    if not judge.host.exists():
        needs = f"require {_YAML} v{YAML_HOST}\n"
        _go(judge, judge.host, f"{_YAML}/cmd/{judge.host.name}", needs=needs)
    if not judge.python.exists():
        subprocess.run([sys.executable, "-m", "venv", judge.folder / "venv"], check=True)
        subprocess.run([judge.python, "-m", "pip", "install", "-q", *STAND_IN], check=True)
    _plugins(judge)
    return judge


def _cli(judge: Judge) -> None:
    """`go install` refuses a module with replace directives: a module of our own repeats the one."""
    answer = _run(judge, judge.folder, "go", "mod", "download", "-json", f"{_MODULE}@v{CLI}")
    lines = Path(json.loads(answer)["GoMod"]).read_text(encoding="utf-8").splitlines()
    replace = next(
        line.split("replace ")[-1].strip() for line in lines if "atotto/clipboard =>" in line
    )
    needs = f"require {_MODULE} v{CLI}\nrequire {_SDK} v{CLI}\nreplace {replace}\n"
    flags = f" -X {_SDK}/go/common/version.Version=v{CLI}"
    _go(judge, judge.pulumi, f"{_MODULE}/cmd/pulumi", needs=needs, flags=flags)


def _go(judge: Judge, target: Path, package: str, *, needs: str, flags: str = "") -> None:
    """Builds one program in a module of its own."""
    folder = judge.folder / f"build-{target.name}"
    folder.mkdir(exist_ok=True)
    module = f"module scratch/{target.name}\n\ngo 1.25\n\n{needs}"
    (folder / "go.mod").write_text(module, encoding="utf-8")
    options = ("-p", "2", "-ldflags", f"-s -w{flags}", "-o", str(target))
    _run(judge, folder, "go", "build", *options, package)


def _run(judge: Judge, folder: Path, *command: str) -> str:
    caches = {"GOCACHE": str(judge.folder / "gocache"), "GOMODCACHE": str(judge.folder / "gomod")}
    environment = {**os.environ, **caches, "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
    found = subprocess.run(
        command, cwd=folder, env=environment, check=True, text=True, stdout=subprocess.PIPE
    )
    return found.stdout


def _plugins(judge: Judge) -> None:
    """The stand-in under each package's name, where the engine looks for plugins."""
    script = Path(__file__).with_name("stand_in.py")
    for kept in (judge.home / "plugins").glob("schema-*.json"):
        kept.unlink()  # the engine's copy of a schema that may have changed since
    for package, version in VERSIONS.items():
        folder = judge.home / "plugins" / f"resource-{package}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        types = ",".join(each for each in TYPES if each.startswith(f"{package}:"))
        _script(
            folder / f"pulumi-resource-{package}",
            f'"{judge.python}" "{script}" {package} {version} "{types}"',
        )
    _script(judge.pack, f'"{judge.python}" "{script.with_name("policy.py")}"')


def _script(path: Path, command: str) -> None:
    """A plugin that the engine starts with arguments of its own."""
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
