"""Redacting and defanging 1 MB, against one plain pass over the same text.

Ratios of times in alternating rounds. That half the text takes at most about half the time shows
that the rules are linear.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from bench.figures import Figure, hand_over, interleave, median_ms, ratio
from markdown_it import MarkdownIt

from upshot.report.markdown.defang import LONGEST, defang_markdown
from upshot.report.redact.redact import Redactor
from upshot.secret import Secret

SIZE: Final = 1_000_000
ROUNDS: Final = 5
MOST_OF_WORDS: Final = 20.0
"""Of the time that finding each word takes; some 60 rules look at every text."""
MOST_OF_PARSER: Final = 2.5
"""Of the time that the Markdown parser alone takes, for what is read of the text."""
MOST_OF_HALF: Final = 3.0
_MARKDOWN: Final = """\
# Title

Some *text* with `code`, a @mention, #12, a [link](https://example.com) and words that go on.

- item
- another

```ts
const answer = 42
```

| a | b |
|---|---|
| 1 | 2 |

"""


def build_log() -> str:
    """A console log; each five-hundredth line has a token in it."""
    lines = []
    for n in range(SIZE // 100):
        token = f"ghp_{hashlib.sha1(str(n).encode()).hexdigest()[:36]}" if n % 500 == 0 else ""
        lines.append(
            f"2026-11-21T10:00:00.1234567Z  +  aws:s3/bucket:Bucket receipts-{n} creating "
            f"arn:aws:s3:::acme-receipts-{n} {token}\n"
        )
    return "".join(lines)[:SIZE]


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> int:
    log = build_log()
    markdown = (_MARKDOWN * (SIZE // len(_MARKDOWN) + 1))[:SIZE]
    secrets = [Secret("pul-" + "0a9f" * 10), Secret("ghs_" + "Zq7k" * 9), Secret("hunter2hunter2!")]
    redactor = Redactor(secrets)
    words = re.compile(r"\w+")
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    works: dict[str, Callable[[], object]] = {
        "redact": lambda: redactor.redact(log),
        "half": lambda: redactor.redact(log[: SIZE // 2]),
        "words": lambda: words.findall(log),
        "defang": lambda: defang_markdown(markdown, allowed_hosts={"www.pulumi.com"}),
        "parser": lambda: parser.parse(markdown[:LONGEST]),
    }
    taken = interleave({name: partial(timed, work) for name, work in works.items()}, rounds=ROUNDS)
    note = {name: f"{median_ms(values):.0f} ms" for name, values in taken.items()}
    assert "ghp_" not in redactor.redact(log), "a token was left"
    return hand_over(
        [
            Figure(
                "redact.of_words",
                round(ratio(taken, "redact", "words"), 1),
                MOST_OF_WORDS,
                "x",
                f"1 MB in {note['redact']}; finding its words: {note['words']}",
            ),
            Figure(
                "redact.of_half",
                round(ratio(taken, "redact", "half"), 2),
                MOST_OF_HALF,
                "x",
                f"half of it in {note['half']}",
            ),
            Figure(
                "defang.of_parser",
                round(ratio(taken, "defang", "parser"), 2),
                MOST_OF_PARSER,
                "x",
                f"1 MB in {note['defang']}, of which {LONGEST:,} characters are read; "
                f"parsing those: {note['parser']}",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
