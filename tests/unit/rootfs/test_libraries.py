"""Shared libraries are asked of the dynamic linker: what it says is read here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rootfs.libraries import LibraryMissing, ask_linker, find_libraries, read_linker

LINKER = Path("/lib64/ld-linux-x86-64.so.2")
SAID = """\
\tlinux-vdso.so.1 (0x00007ffd5a3f2000)
\tlibssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007f0a00000000)
\tlibre2.so => /install/lib/re 2/libre2.so (0x00007f0a01000000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f0a02000000)
"""


def test_every_library_with_a_path_is_taken_and_the_linker_itself() -> None:
    found = find_libraries(LINKER, [Path("a.so")], [], lambda _linker, _path: SAID)
    assert found == {
        LINKER,
        Path("/lib/x86_64-linux-gnu/libssl.so.3"),
        Path("/install/lib/re 2/libre2.so"),
    }


def test_a_file_that_needs_nothing_needs_nothing() -> None:
    said = "\tstatically linked\n"
    assert find_libraries(LINKER, [Path("a.so")], [], lambda *_: said) == {LINKER}


@pytest.mark.parametrize(
    "said", ["\tlibffi.so.8 => not found\n", "a.so: error while loading: wrong ELF class\n"]
)
def test_what_is_missing_or_cannot_be_read_stops_the_build(said: str) -> None:
    with pytest.raises(LibraryMissing, match=r"a\.so"):
        find_libraries(LINKER, [Path("a.so")], [], lambda *_: said)


def test_a_library_that_no_file_names_lies_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "libgcc_s.so.1").touch()
    said = f"\tlibc.so.6 => {tmp_path}/libc.so.6 (0x01)\n"
    found = find_libraries(LINKER, [Path("a.so")], ["libgcc_s.so.1"], lambda *_: said)
    assert tmp_path / "libgcc_s.so.1" in found
    with pytest.raises(LibraryMissing, match=r"libodd\.so"):
        find_libraries(LINKER, [Path("a.so")], ["libodd.so"], lambda *_: said)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the image is Linux")
def test_this_python_names_its_linker_which_names_its_c_library() -> None:
    program = Path(sys.executable).resolve()
    linker = read_linker(program)
    assert any("libc" in path.name for path in find_libraries(linker, [program], [], ask_linker))


@pytest.mark.parametrize("content", [b"#!/bin/sh\n", b"\x7fELF\x02\x01" + bytes(58)])
def test_what_has_no_linker_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "program"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="program is"):
        read_linker(path)
