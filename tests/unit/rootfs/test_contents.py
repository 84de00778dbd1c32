"""The list of what the image holds more and less than imports tell: each entry has a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from rootfs.contents import read_contents


def test_the_list_is_complete() -> None:
    contents = read_contents()
    assert contents.leaves_out("cryptography.hazmat.backends")
    assert not contents.leaves_out("cryptographyx")
    assert "_cffi_backend" in contents.also
    assert set(contents.links.values()) <= set(contents.data)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[leave-out]]\nmodules = ["anyio"]\n', "no reason"),
        ('[[data]]\nfiles = ["a/b"]\nwhy = " "\n', "no reason"),
        (
            '[[leave-out]]\nmodules = ["a"]\nwhy = "x"\n[[also]]\nmodules = ["a.b"]\nwhy = "y"\n',
            "keeps and leaves out: a.b",
        ),
    ],
)
def test_an_entry_without_a_reason_or_with_two_minds_is_refused(
    tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "contents.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=why):
        read_contents(path)
