"""Libraries of the composite action: what a lock allows, what is kept, what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from composite import start
from composite.libraries import Lock, NoLibraries, get_wheels, make_environment, python_of, tag

from upshot_sandbox.machine import ROOT


def wheel(name: str = "toy", text: str = "colour = 'red'\n", **more: str) -> bytes:
    """A wheel of one module; `more` are further files."""
    made = BytesIO()
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
        **more,
    }
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)  # without the time
    return made.getvalue()


def lock_of(**wheels: bytes) -> Lock:
    return Lock(lock_text(**wheels))


def lock_text(**wheels: bytes) -> str:
    return "".join(
        f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{sha256(data).hexdigest()}\n"
        for name, data in wheels.items()
    )


def put(data: bytes, name: str = "toy") -> Callable[[Path], None]:
    def fetch(folder: Path) -> None:
        (folder / f"{name}-1.0-py3-none-any.whl").write_bytes(data)

    return fetch


def never(_folder: Path) -> None:
    raise AssertionError("nothing is fetched")


def test_the_lock_of_the_image_is_read() -> None:
    lock = start.read_lock()
    assert lock.read_wheels(ROOT) is None
    assert {"msgspec", "google-re2", "typing-extensions"} <= lock.required
    assert "cffi" not in lock.required, "it has a condition"
    assert "cryptography" not in lock.required
    assert "cryptography" not in lock.text
    assert lock.text.count("--hash=sha256:") > len(lock.required)


def test_what_is_kept_is_not_fetched_again(tmp_path: Path) -> None:
    lock = lock_of(toy=wheel())
    assert get_wheels(lock, [tmp_path / "kept"], put(wheel())) == [wheel()]
    assert get_wheels(lock, [tmp_path / "kept"], never) == [wheel()]


def test_t73_a_kept_wheel_that_another_job_has_changed_is_fetched_anew(tmp_path: Path) -> None:
    lock, kept = lock_of(toy=wheel()), tmp_path / "kept"
    kept.mkdir()
    put(wheel(text="import os; os.abort()\n"))(kept)
    assert get_wheels(lock, [kept], put(wheel())) == [wheel()]


@pytest.mark.parametrize("kind", ["pipe", "link", "huge"])
def test_t73_what_lies_there_and_does_not_end_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "toy-1.0-py3-none-any.whl"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40)  # takes no room on the disk
    assert lock_of(toy=wheel()).read_wheels(tmp_path) is None


def test_t48_what_an_index_gives_must_be_what_the_lock_says(tmp_path: Path) -> None:
    lock = lock_of(toy=wheel())
    with pytest.raises(NoLibraries, match="not what the lock says"):
        get_wheels(lock, [tmp_path], put(wheel(text="colour = 'blue'\n")))


def test_t48_a_wheel_of_another_library_does_not_count_by_its_hash(tmp_path: Path) -> None:
    lock = lock_of(toy=wheel(), other=wheel("other"))
    put(wheel("other"))(tmp_path)  # under the name of toy
    with pytest.raises(NoLibraries):
        get_wheels(lock, [tmp_path], lambda _: None)


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    lock = lock_of(toy=wheel())
    assert get_wheels(lock, [tmp_path / "file" / "x", tmp_path / "kept"], put(wheel()))
    assert (tmp_path / "kept").is_dir()
    with pytest.raises(NoLibraries, match="no folder can be written"):
        get_wheels(lock, [tmp_path / "file" / "x"], never)


def test_an_environment_has_the_wheels_and_our_packages_and_no_others(tmp_path: Path) -> None:
    more = {
        "toy-1.0.data/purelib/extra.py": "size = 3\n",
        "toy-1.0.data/scripts/toy": "#!python\n",
        "../outside.py": "",
    }
    folder = tmp_path / "made"
    python = make_environment(folder, [wheel(**more)], ROOT / "src")
    assert python == python_of(folder)
    program = "import toy, extra, upshot, importlib.metadata as m; print(toy.colour, extra.size, m.version('toy'))"
    done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "red 3 1.0\n"
    program = "import importlib.util as u; print(u.find_spec('pytest'), u.find_spec('msgspec'))"
    done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "None None\n"
    assert not list(tmp_path.rglob("outside.py"))
    assert not list(tmp_path.rglob("scripts"))


def test_an_environment_that_was_made_by_half_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "made.draft" / "lib").mkdir(parents=True)
    make_environment(tmp_path / "made", [], ROOT / "src")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_pip_fetches_by_hash_without_running_anything(tmp_path: Path) -> None:
    index, kept = tmp_path / "index", tmp_path / "kept"
    index.mkdir()
    kept.mkdir()
    put(wheel())(index)
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONSTRAINT": "/nowhere"}
    lock = lock_of(toy=wheel())
    start.fetch(kept, env, lock)
    assert lock.read_wheels(kept) == [wheel()]


def test_what_pip_says_is_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(
        NoLibraries, match=r"(?s)pip said: .*No matching distribution found for toy"
    ):
        start.fetch(tmp_path, {"PIP_NO_INDEX": "1"}, lock_of(toy=wheel()))


def test_the_tag_names_the_interpreter_and_the_system() -> None:
    assert f"{sys.version_info.major}{sys.version_info.minor}" in tag()
