"""Compressed replies in pieces of bounded size: a few bytes may stand for gigabytes (threat T35).

Pure. Only gzip is asked for (`Service.headers`), so only gzip is read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

PIECE_BYTES: Final = 65_536
_GZIP: Final = 16 + zlib.MAX_WBITS
"""zlib's number for a gzip header and trailer around the data."""


class BadCoding(ValueError):
    """Broken or unfinished compression, or one that was not asked for."""


def inflate(pieces: Iterable[bytes], codings: str) -> Iterator[bytes]:
    """The content of a body; `codings` is its `Content-Encoding`, empty for none.

    No piece of gzip's content is longer than PIECE_BYTES, so a reader that counts them can stop in
    time. Raises BadCoding, also for two codings, one over the other.
    """
    wanted = [name for part in codings.split(",") if (name := part.strip().lower())]
    if not wanted or wanted == ["identity"]:
        yield from pieces
    elif wanted in (["gzip"], ["x-gzip"]):
        yield from _gunzip(pieces)
    else:
        raise BadCoding("the reply has a compression that was not asked for")


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP)
    is_empty = True
    for piece in pieces:
        rest = piece
        while rest and not inflater.eof:
            is_empty = False
            try:
                content = inflater.decompress(rest, PIECE_BYTES)
            except zlib.error:
                raise BadCoding("the reply's compression is broken") from None
            rest = inflater.unconsumed_tail
            if content:
                yield content
    if not (is_empty or inflater.eof):
        raise BadCoding("the reply's compression is cut off")
