"""Where a path from an input may lead, and how a file is opened there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from upshot.workspace import Workspace, open_regular, read_text


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A runner's folders: `checkout` (the workspace), `scratch` (its temp folder), `other`."""
    for name in ("checkout", "scratch", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "other" / "secret").write_text("secret")
    return tmp_path.resolve()


def workspace(machine: Path, **env: str) -> Workspace:
    return Workspace.from_env(
        {
            "GITHUB_WORKSPACE": str(machine / "checkout"),
            "RUNNER_TEMP": str(machine / "scratch"),
            **env,
        }
    )


def test_a_relative_path_starts_in_the_workspace(machine: Path) -> None:
    assert workspace(machine).find_path("out/log") == str(machine / "checkout/out/log")


def test_the_scratch_folder_is_open_too(machine: Path) -> None:
    path = str(machine / "scratch/events.json")
    assert workspace(machine).find_path(path) == path


@pytest.mark.parametrize("text", ["", "..", "../other/secret", "a/../../other", "/", "a\0b"])
def test_t37_paths_outside_are_not_found(machine: Path, text: str) -> None:
    assert workspace(machine).find_path(text) is None


def test_t37_a_neighbour_with_the_same_start_is_outside(machine: Path) -> None:
    assert workspace(machine).find_path(str(machine / "checkout-evil/x")) is None


def test_t37_a_link_that_leads_out_is_outside(machine: Path) -> None:
    (machine / "checkout/link").symlink_to(machine / "other")
    assert workspace(machine).find_path("link/secret") is None


def test_a_link_that_stays_inside_is_followed(machine: Path) -> None:
    (machine / "checkout/real").write_text("x")
    (machine / "checkout/link").symlink_to("real")
    assert workspace(machine).find_path("link") == str(machine / "checkout/real")


def test_the_hosts_spelling_of_the_hosted_runner_is_translated(machine: Path) -> None:
    found = workspace(machine).find_path("/home/runner/work/_temp/events.json")
    assert found == str(machine / "scratch/events.json")


def test_the_hosts_spelling_of_any_runner_is_translated(machine: Path) -> None:
    space = workspace(machine, RUNNER_WORKSPACE="/srv/runner/_work/web")
    assert space.find_path("/srv/runner/_work/_temp/log") == str(machine / "scratch/log")
    assert space.find_path("/srv/runner/_work/web/web/a") == str(machine / "checkout/a")
    assert space.find_path("/srv/runner/_work/other/a") is None


@pytest.mark.parametrize(
    "env", [{"RUNNER_WORKSPACE": "/srv/runner/_work/web"}, {"GITHUB_REPOSITORY": "acme/web"}]
)
def test_the_spelling_of_a_job_in_a_container_is_translated(
    machine: Path, env: dict[str, str]
) -> None:
    space = workspace(machine, **env)
    assert space.find_path("/__w/_temp/pulumi.log") == str(machine / "scratch/pulumi.log")
    assert space.find_path("/__w/web/web/out/log") == str(machine / "checkout/out/log")
    assert space.relative_path("/__w/web/web/index.ts") == "index.ts"
    assert space.find_path("/__w/_temp/../other/secret") is None
    assert space.find_path("/__w/other/other/log") is None


def test_t37_a_translated_path_cannot_climb_out(machine: Path) -> None:
    space = workspace(machine)
    assert space.find_path("/home/runner/work/_temp/../../other/secret") is None
    assert space.find_path("/home/runner/work/_temp/x/../../../other/secret") is None


def test_without_a_runner_the_working_directory_counts() -> None:
    space = Workspace.from_env({})
    assert space.root == os.path.realpath(os.curdir)
    assert space.temp == ""


def test_annotations_name_files_of_the_checkout_only(machine: Path) -> None:
    space = workspace(machine)
    assert space.relative_path("infra/../index.ts") == "index.ts"
    assert space.relative_path(str(machine / "scratch/x.ts")) is None
    assert space.relative_path("../other/secret") is None
    assert space.relative_path(".") is None


@pytest.mark.parametrize(
    "text",
    [
        *("file:///etc/x", "file:/etc/x", "https://a.example/x", "node:internal/x", "~/x"),
        *("C:\\x", "c:/x", "c:x", "\\\\server\\share", "\\x", "..\\x", "a\\..\\..\\x"),
    ],
)
def test_t40_a_path_of_another_system_or_an_address_is_no_file_of_the_checkout(
    machine: Path, text: str
) -> None:
    assert workspace(machine).relative_path(text) is None


def test_text_is_read_whatever_its_bytes(machine: Path) -> None:
    path = machine / "checkout/prompt"
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\xff")
    assert read_text(str(path), limit_bytes=100) == "a\nb\N{REPLACEMENT CHARACTER}"


def test_a_file_over_the_limit_is_refused_before_it_is_read_whole(machine: Path) -> None:
    path = machine / "checkout/prompt"
    path.write_bytes(b"x" * 11)
    with pytest.raises(OSError, match="larger than 10 bytes"):
        read_text(str(path), limit_bytes=10)


def test_t37_a_link_put_there_later_is_not_followed(machine: Path) -> None:
    path = machine / "checkout/prompt"
    path.symlink_to(machine / "other/secret")
    with pytest.raises(OSError, match="symbolic link"):
        open_regular(str(path))


def test_t37_a_pipe_is_refused_without_waiting_for_it(machine: Path) -> None:
    path = machine / "checkout/pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(str(path))


def test_a_folder_is_refused(machine: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(str(machine / "checkout"))
