"""A layer's folder: links as they lie, byte code without sources, one time for everything."""

from __future__ import annotations

import marshal
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

from rootfs.tree import EPOCH_S, Tree

PLACE = Path("/usr/lib/thing.py")
SOURCE = b"SAID = 'so'\n"


def test_a_file_is_copied_with_every_link_on_the_way_to_it(tmp_path: Path) -> None:
    base = tmp_path / "base"
    (base / "usr/lib/arch").mkdir(parents=True)
    (base / "usr/lib/arch/libz.so.1.2").write_text("z")
    (base / "usr/lib/arch/libz.so.1").symlink_to("libz.so.1.2")
    (base / "lib").symlink_to("usr/lib")
    Tree(tmp_path / "layer").copy_as_it_lies(base / "lib/arch/libz.so.1")
    copied = tmp_path / "layer" / base.relative_to("/")
    assert (copied / "lib").readlink() == Path("usr/lib")
    assert (copied / "usr/lib/arch/libz.so.1").readlink() == Path("libz.so.1.2")
    assert (copied / "lib/arch/libz.so.1").read_text() == "z"


def test_an_absolute_link_and_a_second_copy_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    tree = Tree(tmp_path / "layer")
    tree.copy_as_it_lies(tmp_path / "link")
    tree.copy_as_it_lies(tmp_path / "link")
    assert (tmp_path / "layer" / tmp_path.relative_to("/") / "real").read_text() == "x"


def test_byte_code_takes_the_place_of_the_source_and_runs_without_it(tmp_path: Path) -> None:
    Tree(tmp_path / "layer").put_byte_code(SOURCE, PLACE)
    folder = tmp_path / "layer/usr/lib"
    assert [path.name for path in folder.iterdir()] == ["thing.pyc"]
    command = [sys.executable, "-c", "import thing; print(thing.SAID, thing.__cached__)"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["so", str(folder / "thing.pyc")]


def test_byte_code_beside_a_source_is_used_without_a_look_at_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "layer")
    tree.put_module(SOURCE, PLACE)
    tree.at(PLACE).write_text("SAID = 'changed'\n")
    command = [sys.executable, "-c", "import thing; print(thing.SAID)"]
    done = subprocess.run(
        command, cwd=tmp_path / "layer/usr/lib", capture_output=True, text=True, check=True
    )
    assert done.stdout == "so\n"


def test_byte_code_names_the_place_in_the_image(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "layer")
    tree.put_module(SOURCE, PLACE)
    code = marshal.loads(Path(cache_from_source(str(tree.at(PLACE)))).read_bytes()[16:])
    assert code.co_filename == str(PLACE)


def test_everything_has_the_same_time(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "layer")
    tree.write("/etc/passwd", "root\n")
    tree.link("/etc/link", Path("/nowhere"))
    tree.make_folder("/tmp", 0o1777)
    tree.settle()
    layer = tmp_path / "layer"
    assert {path.lstat().st_mtime for path in layer.rglob("*")} == {EPOCH_S}
    assert (layer / "tmp").stat().st_mode & 0o7777 == 0o1777
