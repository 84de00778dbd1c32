"""What the code must not even be able to do, read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from upshot.result import output_names

ROOT = Path(__file__).parents[2]
SOURCES = [
    *sorted((ROOT / "src" / "upshot").rglob("*.py")),
    ROOT / "entrypoint.py",
    ROOT / "post.py",
]
HASHERS = ROOT / "src" / "upshot" / "pulumi" / "agents" / "proof" / "solve.py"
CAGE = ROOT / "src" / "upshot" / "report" / "cage" / "keeper.py"
GUARDIAN = ROOT / "src" / "upshot" / "runner" / "guardian.py"
PAGER = ROOT / "src" / "upshot" / "cli" / "terminal" / "pager.py"
YAML = ROOT / "src" / "upshot" / "cli" / "check" / "parse.py"
STARTS_PROCESSES = {"subprocess", "multiprocessing", "pty", "ctypes", "asyncio", "shlex"}
STARTS = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*|fork\w*|startfile)$")
COMPILES = {"eval", "exec", "compile", "__import__", "input", "breakpoint"}


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8")))


@pytest.fixture(params=SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def source(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_t45_no_process_is_started(source: Path) -> None:
    if source in {HASHERS, CAGE, PAGER}:
        return  # the next tests
    for node in nodes(source):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & STARTS_PROCESSES
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.module.split(".")[0] not in STARTS_PROCESSES
        elif isinstance(node, ast.Attribute):
            allowed = source == GUARDIAN and ast.unparse(node) == "os.fork"
            assert allowed or not STARTS.match(ast.unparse(node))


def test_t45_the_only_processes_are_our_own_script_without_an_environment() -> None:
    calls = [ast.unparse(node) for node in nodes(HASHERS) if isinstance(node, ast.Call)]
    (start,) = [call for call in calls if call.startswith("subprocess.")]
    assert "(sys.executable, '-I', '-S', hasher.__file__)" in start
    assert "env={name: os.environ[name] for name in _KEPT if name in os.environ}" in start
    assert "_KEPT: Final = ('LD_LIBRARY_PATH',)" in ast.unparse(
        ast.parse(HASHERS.read_text("utf-8"))
    )
    assert not [call for call in calls if STARTS.match(call.partition("(")[0])]


def test_t45_the_pager_is_a_person_s_own_and_no_action_can_start_it() -> None:
    """Its words are those of PAGER, and no shell reads them; only the command line imports it."""
    calls = [ast.unparse(node) for node in nodes(PAGER) if isinstance(node, ast.Call)]
    (start,) = [call for call in calls if call.startswith("subprocess.")]
    assert "shell" not in start
    for source in SOURCES:
        if source.is_relative_to(PAGER.parents[1]):
            continue
        names = {
            node.module
            for node in nodes(source)
            if isinstance(node, ast.ImportFrom) and node.module and "upshot.cli" in node.module
        }
        assert names <= ({"upshot.cli.main"} if source.name == "__main__.py" else set())


def test_t45_a_template_is_rendered_by_our_own_script_without_an_environment() -> None:
    calls = [ast.unparse(node) for node in nodes(CAGE) if isinstance(node, ast.Call)]
    (start,) = [call for call in calls if call.startswith("subprocess.")]
    assert "(sys.executable, '-I', _INSIDE)" in start
    assert "env={name: os.environ[name] for name in _KEPT if name in os.environ}" in start
    assert "_KEPT: Final = ('LD_LIBRARY_PATH',)" in ast.unparse(ast.parse(CAGE.read_text("utf-8")))
    assert not [call for call in calls if STARTS.match(call.partition("(")[0])]


def test_t39_no_text_becomes_code(source: Path) -> None:
    for node in nodes(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in COMPILES
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "")}
            allowed = {"yaml"} if source == YAML else set()  # the next test
            assert not names & ({"pickle", "marshal", "shelve", "yaml", "runpy"} - allowed)


def test_t39_yaml_is_read_as_nodes_that_construct_nothing() -> None:
    calls = [ast.unparse(node) for node in nodes(YAML) if isinstance(node, ast.Call)]
    (read,) = [call for call in calls if call.startswith("yaml.")]
    assert read.startswith("yaml.compose(")
    assert read.endswith("Loader=yaml.SafeLoader)")


def test_t46_the_docker_socket_is_not_touched(source: Path) -> None:
    assert "docker.sock" not in source.read_text("utf-8")


def test_t33_verification_cannot_be_switched_off(source: Path) -> None:
    text = source.read_text("utf-8")
    assert not re.search(r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False", text)
    assert not re.search(r"_create_unverified_context|disable_warnings", text)


def test_t34_no_body_or_header_is_put_into_a_message(source: Path) -> None:
    """What errors and log lines are made of: never a request, its headers, or a library's text."""
    for node in nodes(source):
        if isinstance(node, ast.FormattedValue):
            shown = ast.unparse(node.value)
            assert not re.search(r"\b(request|headers|authorization)\b(?!_)", shown), shown


def test_t7_t24_no_name_comes_from_a_text() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in output_names())


def test_t48_the_image_installs_what_is_locked_by_hash_and_nothing_else() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    installs = dockerfile.split("pip install")[1:]
    assert len(installs) == 3
    for command in installs:
        assert "--no-deps" in command
        assert "--require-hashes" in command or "--no-index" in command
    locked = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
    for line in re.findall(r"^[a-z][^\n]*", locked, re.MULTILINE | re.IGNORECASE):
        assert re.match(r"[A-Za-z0-9._-]+==\S+", line), line
    assert "--hash=sha256:" in locked
