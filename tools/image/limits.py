"""What the image may weigh: what a runner fetches before anything starts.

As a program it reads an image's manifest, as a registry has it, and says whether it keeps to the limits; it
needs nothing but Python, so that a release can ask it::

    docker buildx imagetools inspect --raw IMAGE | python tools/image/limits.py
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Final

MOST_BYTES: Final = 25_000_000
"""Of all layers, compressed, the base included."""
MOST_LAYERS: Final = 3
MOST_RELEASE_BYTES: Final = 2_000_000
"""Of the last layer, the only one that a release of Upshot changes by itself."""


def find_excess(sizes: Sequence[int]) -> list[str]:
    """What is too much of these layers; `sizes` in bytes, compressed, the lowest layer first."""
    found = []
    if len(sizes) > MOST_LAYERS:
        found.append(f"{len(sizes)} layers; at most {MOST_LAYERS}")
    if sum(sizes) > MOST_BYTES:
        found.append(f"{sum(sizes):,} bytes compressed; at most {MOST_BYTES:,}")
    if sizes and sizes[-1] > MOST_RELEASE_BYTES:
        found.append(f"{sizes[-1]:,} bytes in the last layer; at most {MOST_RELEASE_BYTES:,}")
    return found


def main() -> int:
    sizes = [layer["size"] for layer in json.load(sys.stdin)["layers"]]
    print(f"The image: {sum(sizes):,} bytes compressed, in layers of {sizes}")
    for excess in (found := find_excess(sizes)):
        print(f"Too much: {excess}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
