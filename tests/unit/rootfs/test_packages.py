"""Scanners and licences: the image tells where its files come from."""

from __future__ import annotations

from pathlib import Path

from rootfs.packages import copy_origins, find_distributions
from rootfs.tree import Tree

STATUS = """\
Package: libssl3
Status: install ok installed
Version: 3.0.17-1

Package: bash
Version: 5.2
"""


def test_debians_packages_are_told_as_scanners_look_for_them(tmp_path: Path) -> None:
    root, layer = tmp_path / "base", tmp_path / "layer"
    for path, text in {
        "var/lib/dpkg/status": STATUS,
        "var/lib/dpkg/info/libssl3:amd64.list": "/.\n/lib/libssl.so.3\n/usr/share/doc/libssl3\n",
        "var/lib/dpkg/info/bash.list": "/bin/bash\n",
        "usr/lib/libssl.so.3": "",
        "usr/share/doc/libssl3/copyright": "terms",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "lib").symlink_to("usr/lib")
    assert copy_origins([root / "usr/lib/libssl.so.3"], Tree(layer), root) == ["libssl3"]
    told = layer / "var/lib/dpkg/status.d/libssl3"
    assert told.read_text().splitlines()[::2] == ["Package: libssl3", "Version: 3.0.17-1"]
    assert [path.read_text() for path in layer.rglob("copyright")] == ["terms"]


def test_a_system_without_dpkg_tells_nothing(tmp_path: Path) -> None:
    assert copy_origins([Path("/lib/x.so")], Tree(tmp_path / "layer"), tmp_path) == []


def test_a_distribution_is_told_when_a_module_of_it_is_kept(tmp_path: Path) -> None:
    for name in ("kept", "left"):
        folder = tmp_path / f"{name}-1.0.dist-info"
        (folder / "licenses").mkdir(parents=True)
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
        (folder / "licenses/LICENSE").touch()
        (tmp_path / f"{name}.py").touch()
        recorded = ("METADATA", "RECORD", "licenses/LICENSE")
        files = [f"{name}.py", *(f"{folder.name}/{file}" for file in recorded)]
        (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    found = find_distributions(tmp_path, [tmp_path / "kept.py"])
    assert found == {
        "kept": [
            tmp_path / "kept-1.0.dist-info/METADATA",
            tmp_path / "kept-1.0.dist-info/licenses/LICENSE",
        ]
    }
