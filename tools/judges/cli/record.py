"""Runs one program with the real CLI and keeps what it printed and logged."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from tools.judges.cli.build import Judge
from tools.judges.cli.programs import Program, Run

CORPUS: Final = Path(__file__).resolve().parents[3] / "tests" / "corpus" / "cli"
_LIMIT_S: Final = 120.0
_PROJECT: Final = "judged"
_STACK: Final = "dev"
_SOURCES: Final = re.compile(r"project:///[^\"\s]{1,500}?/gomod/")
# Where each resource was registered in the YAML host's source: long, and never read by Upshot.
_POSITIONS: Final = re.compile(
    r",\s*\"stackTrace\":\s*\[[^\]]*\]|,\s*\"sourcePosition\":\s*\"[^\"]*\""
)
_CHANGING: Final = re.compile(
    r"\(?\d+(?:\.\d+)?m?s\b\)?|\bid-\d+|\b\d{5,}\b|\"sequence\":\d+"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|\bnetwork \S+|\bpid \d+"
)


class Recording(Struct, frozen=True):
    name: str
    before: str
    now: str
    code: int = 0
    """The exit code of the recorded run."""
    outcome: str = ""
    """As the program's truth has it; empty for several runs in one log."""


def record(judge: Judge, program: Program, into: Path) -> Recording:
    """Runs the program in a new folder and writes NAME.log and NAME.events.jsonl.

    They are as the CLI wrote them, but for names of this machine and the fields `stackTrace` and
    `sourcePosition`.
    """
    log, events = into / f"{program.name}.log", into / f"{program.name}.events.jsonl"
    known = CORPUS / log.name
    before = known.read_text(encoding="utf-8") if known.exists() else ""
    with tempfile.TemporaryDirectory(prefix="judged-") as folder:
        place = Path(folder)
        printed, logged, code = [], [], 0
        run_cli(judge, place, Run(command=f"stack init {_STACK}"), project_text(Run()))
        for run in program.runs:
            said, told, code = run_one(judge, place, run)
            printed.append(said)
            logged.append(told)
        text = "".join(printed) if program.whole else printed[-1]
        raw = "".join(logged) if program.whole else logged[-1]
        now = _anonymous(text, place, judge)
        log.write_text(now, encoding="utf-8")
        if raw:
            events.write_text(_anonymous(raw, place, judge), encoding="utf-8")
        elif events.exists():
            events.unlink()
    outcome = "" if program.whole else program.truth.outcome
    return Recording(program.name, before, now, code, outcome)


def difference(found: Recording) -> str:
    """What a newer CLI says differently, times and ids aside; empty for a first recording.

    A run that ended with another exit code than its truth has is one, too; an interrupted one may end
    with 0, though work was left.
    """
    is_good = {"succeeded": True, "failed": False}.get(found.outcome)
    if is_good is not None and is_good is not (found.code == 0):
        return f"{found.name}: the truth is {found.outcome}, and the exit code was {found.code}"
    if not found.before or _essence(found.before) == _essence(found.now):
        return ""
    return f"{found.name}: says something else than the recorded run"


def write_truth(into: Path, programs: Sequence[Program]) -> None:
    """cases.jsonl: name and truth, one program a line."""
    cases: list[dict[str, Any]] = [
        {"name": each.name, **msgspec.to_builtins(each.truth)} for each in programs
    ]
    text = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    (into / "cases.jsonl").write_text(text, encoding="utf-8")


def project_text(run: Run) -> str:
    if run.raw:
        return run.raw
    return json.dumps(
        {"name": _PROJECT, "runtime": "yaml", "resources": run.resources, **run.top},
        ensure_ascii=False,
        indent=2,
    )


def _kept(place: Path) -> str:
    return (place / "Pulumi.yaml").read_text(encoding="utf-8")


def run_one(judge: Judge, place: Path, run: Run) -> tuple[str, str, int]:
    """What it printed and logged, and its exit code; what goes before it has its environment."""
    first, _, rest = run.command.partition(" ")
    if first == "LOCK":
        lock = place / "state" / ".pulumi" / "locks" / "organization" / _PROJECT / _STACK / "a.json"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(
            '{"pid":1,"username":"ci","hostname":"runner","timestamp":"2026-03-02T08:11:09Z"}'
        )
    elif first == "CANCEL":
        run_cli(judge, place, Run(command="cancel --yes", env=run.env), project_text(run))
    elif first == "PLAN":
        plan = Run(command="preview --save-plan plan.json", env=run.env)
        run_cli(judge, place, plan, _kept(place))
    elif first == "BREAK":
        stack = place / "state" / ".pulumi" / "stacks" / _PROJECT / f"{_STACK}.json"
        stack.write_text('{"version": 3, "checkpoint": not_a_snapshot', encoding="utf-8")
    elif first == "EDIT":
        stack = place / "state" / ".pulumi" / "stacks" / _PROJECT / f"{_STACK}.json"
        change, _, rest = rest.partition(" ")
        state = json.loads(stack.read_text(encoding="utf-8"))
        state["checkpoint"]["latest"]["resources"][-1].update(json.loads(change))
        stack.write_text(json.dumps(state), encoding="utf-8")
    elif first == "INIT":
        name, _, rest = rest.partition(" ")
        run_cli(judge, place, Run(command=f"stack init {name}", env=run.env), _kept(place))
    elif first == "NOSTACK":
        run_cli(judge, place, Run(command="stack unselect", env=run.env), _kept(place))
    for name, text in run.files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    command = rest if first.isupper() else run.command
    (place / "events.jsonl").unlink(missing_ok=True)
    if not command.startswith("import"):
        command += " --event-log events.jsonl"
    run = msgspec.structs.replace(run, command=command)
    said, code = run_cli(judge, place, run, project_text(run))
    events = place / "events.jsonl"
    return said, events.read_text(encoding="utf-8") if events.exists() else "", code


def run_cli(judge: Judge, place: Path, run: Run, program: str) -> tuple[str, int]:
    """What it printed, and its exit code."""
    (place / "Pulumi.yaml").write_text(program, encoding="utf-8")
    (place / "state").mkdir(exist_ok=True)
    environment = {
        "PATH": f"{judge.folder}:/usr/bin:/bin", "HOME": str(place), "PULUMI_HOME": str(judge.home),
        "PULUMI_BACKEND_URL": f"file://{place}/state", "PULUMI_CONFIG_PASSPHRASE": "judged",
        "PULUMI_DEBUG_COMMANDS": "true", "PULUMI_SKIP_UPDATE_CHECK": "true", "LANG": "C.UTF-8",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", "TERM": "xterm-256color", **run.env,
    }  # fmt: skip
    environment = {name: value for name, value in environment.items() if name not in run.cleared}
    words = run.command.replace("POLICY-PACK", str(judge.pack)).split()
    if words[0] in {"up", "preview", "destroy", "refresh", "import"} and "--stack" not in words:
        words += ["--stack", _STACK]
    reader, writer = pty.openpty() if run.terminal else os.pipe()
    process = subprocess.Popen(
        [judge.pulumi, *words], cwd=place, env=environment, stdin=subprocess.DEVNULL,
        stdout=writer, stderr=writer, start_new_session=True,
    )  # fmt: skip
    os.close(writer)
    acts = [(pause, signal.SIGINT) for pause in run.interrupt_after]
    if run.kill_after:
        acts = [(run.kill_after, signal.SIGKILL)]
    elif run.terminate_after:
        acts = [(run.terminate_after, signal.SIGTERM)]
    said = _read(process, reader, acts)
    os.close(reader)
    return said.decode("utf-8", "replace"), process.returncode


def _read(
    process: subprocess.Popen[bytes], reader: int, acts: list[tuple[float, signal.Signals]]
) -> bytes:
    """All that it prints; the signals are sent in their order, each after its pause."""
    said, began = bytearray(), time.monotonic()
    due = began + acts[0][0] if acts else None
    while time.monotonic() - began < _LIMIT_S:
        has_ended = process.poll() is not None  # asked first, so that its last words are read
        ready, _, _ = select.select([reader], [], [], 0.1)
        if due and time.monotonic() >= due:
            kind = acts.pop(0)[1]
            os.killpg(process.pid, kind) if kind is signal.SIGKILL else process.send_signal(kind)
            due = time.monotonic() + acts[0][0] if acts else None
        if not ready:
            if has_ended:
                break
            continue
        try:
            piece = os.read(reader, 65_536)
        except OSError:  # a terminal that was closed
            break
        if not piece:
            break
        said += piece
    if process.poll() is None:
        process.wait(timeout=_LIMIT_S)
    return bytes(said)


def _anonymous(text: str, place: Path, judge: Judge) -> str:
    """Without the names of this machine, and without the positions in the host's source."""
    text = _POSITIONS.sub("", text)
    text = text.replace(str(place), "/work/judged").replace(str(judge.folder), "/opt/judge")
    text = text.replace(str(judge.pulumi.resolve().parent), "/opt/judge")  # as it was built
    # The host's own sources, by the way from the program to them.
    text = _SOURCES.sub("project:///../opt/judge/gomod/", text)
    host = os.uname().nodename  # a short one may be part of any word
    return re.sub(rf"(?<=[@\"]){re.escape(host)}(?=[\"\s])", "runner", text) if host else text


def _essence(text: str) -> str:
    """The words that do not depend on time and order."""
    text = _CHANGING.sub("", text)
    return "\n".join(sorted({line.strip() for line in text.splitlines() if line[:1] != "@"}))
