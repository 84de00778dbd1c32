"""Whether the evidence holds instructions to an AI (threat T23).

Nothing depends on it: the evidence is always fenced as data, and an answer decides nothing. The
report only warns its readers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

NOTICE: Final = (
    "The log or a name in it holds text that looks like instructions to an AI. It was passed on as "
    "data; read the explanation with care."
)
LONGEST: Final = 200_000
"""Characters of the evidence that are read."""


def looks_like_injection(text: str) -> bool:
    """Linear; only the first `LONGEST` characters are read."""
    return _phrases().search(text[:LONGEST]) is not None


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    """Openings of prompt injections, from published collections."""
    return re.compile(
        r"\b(?:ignore|disregard|forget|override)\s{1,3}(?:all\s{1,3}|any\s{1,3}|the\s{1,3}|your\s{1,3}){0,3}"
        r"(?:previous|prior|above|earlier|preceding|system)\s{1,3}(?:\w{1,20}\s{1,3})?"
        r"(?:instruction|prompt|rule|message|direction|context)"
        r"|\byou\s{1,3}are\s{1,3}(?:now\s{1,3})?(?:an?\s{1,3})?(?:ai|assistant|language\s{1,3}model|chatbot|copilot)\b"
        r"|\b(?:system|developer)\s{1,3}(?:prompt|message)\s{0,3}:"
        r"|\bnew\s{1,3}instructions?\s{0,3}:"
        r"|<\|?(?:im_start|im_end|system|endoftext)\|?>"
        r"|\[/?INST\]",
        re.IGNORECASE,
    )
