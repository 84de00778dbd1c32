"""The installed wheel: every command of the desk, through the console script alone."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.process.desk.conftest import Installed
from tests.unit.cli.conftest import LOG

from upshot import __version__
from upshot.cli.options import COMMANDS

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "tests/corpus/cli/create-fails-cascade.events.jsonl"


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "pulumi.log"
    path.write_text(LOG, "utf-8")
    return str(path)


def test_the_environment_is_empty_but_for_what_the_wheel_requires(plain: Installed) -> None:
    code = (
        "import importlib.util as u, upshot;"
        "print(upshot.__file__, *[n for n in ('yaml', 'rich', 'shtab', 'pytest') if u.find_spec(n)])"
    )
    command = [str(plain.folder / "bin/python"), "-I", "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert len(found) == 1
    assert Path(found[0]).is_relative_to(plain.folder)


def test_the_command_has_the_name_of_the_package_too(plain: Installed) -> None:
    for name in ("upshot", "pulumi-upshot"):
        command = [str(plain.folder / "bin" / name), "--version"]
        found = subprocess.run(command, check=True, capture_output=True, text=True)
        assert found.stdout == f"upshot {__version__}\n"


def test_the_wheel_has_what_an_index_shows(wheel: Path) -> None:
    with ZipFile(wheel) as files:
        names = files.namelist()
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        told = files.read(metadata).decode()
    assert "Description-Content-Type: text/markdown\n" in told
    assert "Provides-Extra: desk\n" in told
    assert "Project-URL: Homepage, https://github.com/pulumi-upshot/upshot\n" in told
    assert "# Upshot\n" in told
    assert all(name.startswith(("upshot/", "pulumi_upshot-")) for name in names)
    assert not [name for name in names if "README" in name or "upshot_sandbox" in name]


def test_without_arguments_it_shows_the_help(plain: Installed) -> None:
    run = plain.run()
    assert (run.returncode, run.stderr) == (0, b"")
    for name in COMMANDS:
        assert f"\n    {name}" in run.stdout.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_examples_and_exit_codes(plain: Installed, name: str) -> None:
    run = plain.run(name, "--help")
    assert run.returncode == 0
    assert f"upshot {name} " in run.stdout.decode()
    assert "examples:" in run.stdout.decode()
    assert "exit codes:" in run.stdout.decode()


def test_explain(plain: Installed, log: str) -> None:
    run = plain.run("explain", log, str(EVENTS))
    assert (run.returncode, run.stderr) == (0, b"")
    assert "BucketAlreadyExists" in run.stdout.decode()


def test_explain_standard_input_as_json(plain: Installed) -> None:
    run = plain.run("explain", "-", "--json", stdin=LOG.encode())
    assert run.returncode == 0
    assert json.loads(run.stdout)["diagnosis"]["failure_class"] == "already-exists"


def test_explain_what_a_shell_makes_a_pipe_of(plain: Installed, log: str) -> None:
    command = '"$1" explain <(cat "$2")'
    words = ["bash", "-c", command, "bash", str(plain.folder / "bin/upshot"), log]
    found = subprocess.run(words, check=True, capture_output=True, text=True)
    assert "BucketAlreadyExists" in found.stdout


def test_why(plain: Installed, log: str) -> None:
    assert plain.run("why", "receipts", log).returncode == 0
    run = plain.run("why", "recieps", log)
    assert (run.returncode, run.stdout) == (1, b"")
    assert b"perhaps you mean receipts" in run.stderr


def test_render(plain: Installed, log: str) -> None:
    run = plain.run("render", str(ROOT / "examples/comment.md.j2"), log)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.decode().startswith("## ❌")


def test_replay(plain: Installed, log: str, tmp_path: Path) -> None:
    kept = tmp_path / "result.json"
    kept.write_bytes(plain.run("explain", log, "--json").stdout)
    run = plain.run("replay", str(kept))
    assert (run.returncode, run.stderr) == (0, b"")
    assert "BucketAlreadyExists" in run.stdout.decode()


def test_check(desk: Installed, plain: Installed, tmp_path: Path) -> None:
    path = tmp_path / "up.yml"
    path.write_text("on: push\njobs: {a: {steps: [{uses: pulumi-upshot/upshot@v1}]}}\n", "utf-8")
    run = desk.run("check", str(path))
    assert (run.returncode, run.stderr) == (1, b"")
    assert b"Upshot is given nothing to look at [evidence]" in run.stdout
    without = plain.run("check", str(path))
    assert (without.returncode, without.stdout) == (1, b"")
    assert b"pipx install 'pulumi-upshot[desk]'" in without.stderr


def test_check_finds_the_workflows_of_the_repository(desk: Installed, tmp_path: Path) -> None:
    inside = tmp_path / "infra" / "web"
    folder = tmp_path / ".github" / "workflows"
    inside.mkdir(parents=True)
    folder.mkdir(parents=True)
    text = "on: push\njobs: {a: {steps: [{uses: pulumi-upshot/upshot@v1}]}}\n"
    (folder / "up.yaml").write_text(text, "utf-8")
    for cwd, shown in ((tmp_path, ".github/workflows/up.yaml"), (inside, "../../.github/")):
        command = [str(desk.folder / "bin/upshot"), "check"]
        found = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        assert found.returncode == 1
        assert found.stdout.startswith(shown)
    (inside / ".git").mkdir()
    found = subprocess.run(command, cwd=inside, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, "")
    assert "there is no workflow" in found.stderr


def test_a_wrong_command_line_ends_with_2(plain: Installed) -> None:
    assert plain.run("explain").returncode == 2
    assert plain.run("explain", "--no-such-option").returncode == 2
    assert plain.run("no-such-command").returncode == 2


def test_whoever_goes_away_early_hears_nothing(plain: Installed, log: str) -> None:
    command = [str(plain.folder / "bin/upshot"), "explain", log]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_who_is_interrupted_leaves_no_traceback_and_no_copy_of_a_log(
    plain: Installed, tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    with reading(plain, tmp_path, ignored=()) as process:
        process.send_signal(number)
        process.wait()
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == exit_code
    assert list(tmp_path.iterdir()) == []


def test_what_is_ignored_from_the_start_stays_so_as_under_nohup(
    plain: Installed, tmp_path: Path
) -> None:
    with reading(plain, tmp_path, ignored=(signal.SIGHUP, signal.SIGINT)) as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(LOG.encode())
    assert process.returncode == 0
    assert b"receipts" in out


@contextmanager
def reading(
    plain: Installed, temp: Path, *, ignored: Sequence[signal.Signals]
) -> Iterator[subprocess.Popen[bytes]]:
    """`upshot explain -`, once it reads. Signals that the tests' own process ignores are not, but for
    `ignored`: a job that a shell runs in the background ignores Ctrl-C, and so do its children.
    """

    def dispose() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    command = [str(plain.folder / "bin/upshot"), "explain", "--verbose", "-"]
    pipe, env = subprocess.PIPE, {"TMPDIR": str(temp)}
    with subprocess.Popen(
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        env=env,
        preexec_fn=dispose,  # noqa: PLW1509 - no other thread runs here
    ) as process:
        assert process.stderr
        assert process.stderr.readline()  # it says that it reads
        yield process
