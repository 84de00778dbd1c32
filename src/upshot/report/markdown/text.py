"""Text cut and wrapped for people. Must not know of Markdown."""

from __future__ import annotations

_ELLIPSIS = "…"


def clip_line(text: str, longest: int) -> str:
    """White space runs become one space; at most `longest` characters, cut with an ellipsis."""
    if len(text) > longest * 4:
        text = text[: longest * 4]
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + _ELLIPSIS


def clip_block(text: str, longest: int) -> str:
    """Whole lines from the start and the end, at most about `longest` characters in all.

    The middle is left out: errors say what happened at their start and why at their end.
    """
    if len(text) <= longest:
        return text
    head = text[: longest * 2 // 3]
    tail = text[len(text) - longest // 3 :]
    head = head[: head.rfind("\n")] if "\n" in head else head
    tail = tail[tail.find("\n") + 1 :] if "\n" in tail else tail
    return (
        f"{head}\n[{_ELLIPSIS} {len(text) - len(head) - len(tail):,} characters left out]\n{tail}"
    )


def wrap_block(text: str, width: int) -> str:
    """Long lines broken at spaces, so that a code block need not scroll; tabs become spaces.

    The rest of a broken line is indented by two spaces. Blanks at the end of a line stay.
    """
    lines: list[str] = []
    for line in text.expandtabs(4).split("\n"):
        rest = line.rstrip(" ")
        blanks = line[len(rest) :]
        while len(rest) > width:
            cut = rest.rfind(" ", width // 2, width)
            if cut < 0:
                cut = rest.find(" ", width)
            if cut < 0:
                break
            lines.append(rest[:cut].rstrip())
            rest = f"  {rest[cut:].lstrip()}"
        lines.append(rest + blanks)
    return "\n".join(lines)
