"""What the image weighs is held against its limits, by parts that people know."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from tools.image.limits import MOST_BYTES, MOST_RELEASE_BYTES, find_excess
from tools.image.measure import Starts, format_starts, format_weight
from tools.image.weigh import Layer, name_part

from upshot_sandbox.machine import ROOT

WITHIN = [10_000_000, 4_000_000, MOST_RELEASE_BYTES]


def test_an_image_within_its_limits_is_fine() -> None:
    assert find_excess(WITHIN) == []


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([*WITHIN, 1], "4 layers; at most 3"),
        ([MOST_BYTES, 1], f"25,000,001 bytes compressed; at most {MOST_BYTES:,}"),
        ([1, 1, MOST_RELEASE_BYTES + 1], "2,000,001 bytes in the last layer; at most 2,000,000"),
    ],
)
def test_each_limit_is_held(sizes: list[int], said: str) -> None:
    assert find_excess(sizes) == [said]


@pytest.mark.parametrize(("last", "code"), [(MOST_RELEASE_BYTES, 0), (MOST_RELEASE_BYTES + 1, 1)])
def test_a_release_asks_the_registrys_manifest(last: int, code: int) -> None:
    """With nothing but Python: the machine that releases has none of our packages."""
    manifest = {"layers": [{"size": size} for size in (*WITHIN[:2], last)]}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "tools/image/limits.py")],
        input=json.dumps(manifest),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert f"{14_000_000 + last:,} bytes compressed" in done.stdout


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("usr/local/lib/libpython3.13.so.1.0", "Python: the interpreter"),
        ("usr/local/bin/python3.13", "Python: the interpreter"),
        ("usr/local/lib/python3.13/lib-dynload/_ssl.so", "Python: its standard library"),
        ("usr/local/lib/python3.13/json/decoder.pyc", "Python: its standard library"),
        ("lib/x86_64-linux-gnu/libcrypto.so.3", "OpenSSL"),
        ("usr/lib/aarch64-linux-gnu/libstdc++.so.6", "C and C++ libraries"),
        ("lib64/ld-linux-x86-64.so.2", "C and C++ libraries"),
        ("lib/x86_64-linux-gnu/libz.so.1", "everything else"),
        ("etc/passwd", "everything else"),
        ("usr/local/lib/python3.13/site-packages/nacl/_sodium.abi3.so", "PyNaCl"),
        ("usr/local/lib/python3.13/site-packages/pynacl-1.6.2.dist-info/METADATA", "PyNaCl"),
        ("usr/local/lib/python3.13/site-packages/_cffi_backend.cpython-313.so", "cffi"),
        ("usr/local/lib/python3.13/site-packages/upshot/app.py", "Upshot"),
        ("usr/local/lib/python3.13/site-packages/pulumi_upshot-1.dist-info/METADATA", "Upshot"),
        ("app/post.py", "Upshot"),
    ],
)
def test_a_file_belongs_to_a_part_that_people_know(path: str, part: str) -> None:
    assert name_part(path) == part


def test_the_table_shows_layers_against_limits_and_the_biggest_parts_first() -> None:
    layers = [
        Layer("sha256:1", 9_000_000, {"OpenSSL": 2_000_000, "little": 1_000}),
        Layer("sha256:2", 4_000_000, {"PyNaCl": 3_000_000}),
        Layer("sha256:3", 1_500_000, {"Upshot": 1_400_000, "little": 2_000}),
    ]
    lines = [line.split() for line in io.StringIO(format_weight(layers))]
    assert lines[3] == ["Upshot", "1.50", "2.00"]
    assert lines[4][-2:] == ["14.50", "25.00"]
    assert [line[0] for line in lines[6:]] == ["PyNaCl", "OpenSSL", "Upshot", "smaller"]


def test_starts_are_told_by_their_medians_and_compared_by_the_least() -> None:
    starts = Starts(empty=[0.1, 0.1, 5.0], compiled=[0.3, 0.2, 9.0], sources=[0.9, 0.8, 1.0])
    told = [line.split()[-1] for line in format_starts(starts).splitlines()[1:]]
    assert told == ["0.10", "0.30", "0.90", "0.60"]
    assert starts.of_sources == pytest.approx(0.25)
