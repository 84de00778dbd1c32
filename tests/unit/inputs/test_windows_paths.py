r"""Where a path may lead on Windows, by Windows' own rules: `D:\a\web\web` and `D:\a\_temp`."""

from __future__ import annotations

import ntpath

import pytest

from upshot.workspace import Workspace

ROOT, TEMP = r"D:\a\web\web", r"D:\a\_temp"
WINDOWS = Workspace(ROOT, TEMP, paths=ntpath)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("pulumi.log", r"D:\a\web\web\pulumi.log"),
        ("infra/pulumi.log", r"D:\a\web\web\infra\pulumi.log"),
        (r"D:\a\_temp\events.json", r"D:\a\_temp\events.json"),
        (r"D:\a\_temp/events.json", r"D:\a\_temp\events.json"),
        (r"d:\A\Web\web\x.log", r"d:\A\Web\web\x.log"),
    ],
)
def test_both_signs_and_all_letters_are_understood(text: str, path: str) -> None:
    assert WINDOWS.find_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        r"C:\Windows\win.ini",
        r"..\other\x",
        r"D:\a\web\web-evil\x",
        r"D:\a\web\web\..\..\x",
        "/a/web/other",
        r"E:\a\web\web\x",
    ],
)
def test_t37_paths_outside_are_not_found(text: str) -> None:
    assert WINDOWS.find_path(text) is None


@pytest.mark.parametrize(
    "text",
    [r"\\evil\share\x", "//evil/share/x", r"\/evil/share", r" \\evil\x", r"\\?\D:\a\web\web\x"],
)
def test_t74_the_name_of_another_machine_is_not_even_looked_at(text: str) -> None:
    asked: list[str] = []

    class Watched:
        sep = ntpath.sep
        normcase = staticmethod(ntpath.normcase)
        join = staticmethod(ntpath.join)
        relpath = staticmethod(ntpath.relpath)

        @staticmethod
        def realpath(path: str) -> str:
            asked.append(path)
            return ntpath.normpath(path)

    watched = Workspace(ROOT, TEMP, paths=Watched)
    assert watched.find_path(text) is None
    assert watched.relative_path(text) is None
    assert asked == []
    assert watched.find_path("x") == ROOT + r"\x"
    assert asked, "others are"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"D:\a\web\web\infra\index.ts", "infra/index.ts"),
        ("D:/a/web/web/infra/index.ts", "infra/index.ts"),
        (r"infra\index.ts", "infra/index.ts"),
        ("index.ts", "index.ts"),
        (r"C:\Users\runner\index.ts", None),
        ("file:///D:/a/web/web/x.ts", None),
        ("~/x.ts", None),
        (r"D:\a\web\web", None),
        (r"D:x.ts", None),
    ],
)
def test_t40_annotations_name_files_as_github_does(text: str, shown: str | None) -> None:
    assert WINDOWS.relative_path(text) == shown


def test_on_other_systems_a_drive_stays_a_foreign_name() -> None:
    assert Workspace("/github/workspace").relative_path(r"D:\a\web\web\x.ts") is None
