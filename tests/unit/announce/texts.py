"""Hostile and long texts, and an announcement that has them in every place."""

from __future__ import annotations

from typing import Final

from upshot.model.announcement import Announcement

HOSTILE: Final = (
    "<!channel> <!here> <!everyone> <@U024BE7LH> <#C024BE7LR> <!subteam^S012|ops>",
    "<https://evil.example/|click me> https://evil.example/x?y=1&z=2",
    "*bold* _it_ ~gone~ `code` ```block``` > quote\n> more",
    "${$root.secret} {{DATE(2026-11-27,SHORT)}} {{TIME(2026-11-27T00:00:00Z)}}",
    "<at>everyone</at> [link](https://evil.example) ![p](https://evil.example/p.png)",
    "&lt;!channel&gt; &amp;lt;",
    "\N{FIREWORKS}" * 900,
    "x" * 9_000,
    "line\n" * 900,
)


def everywhere(text: str) -> Announcement:
    """The text in each place that untrusted text may have."""
    return Announcement(
        icon="❌",
        title="Update failed",
        where=text,
        verdict="failed",
        counts=(text, text),
        failed=text,
        error=text,
        reasons=(text,) * 3,
        why=text,
        steps=(text,) * 3,
        question=text,
        answer=text,
        answered_by="Pulumi Copilot",
        rows=((text, text),) * 12,
        rows_omitted=3,
        links=(("Workflow run", "https://github.com/acme/shop/actions/runs/1"),),
    )
