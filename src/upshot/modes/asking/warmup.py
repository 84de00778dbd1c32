"""A dummy report, rendered while an AI thinks, so that the real one takes milliseconds.

It loads what publishes and renders, reads the catalogue and compiles templates and patterns: some
80 ms that would otherwise pass between the AI's answer and the comment.
"""

from __future__ import annotations

from typing import Final

from upshot.model import (
    Answer,
    BackendName,
    Facts,
    Failure,
    Outcome,
    Run,
    SourceLocation,
    UpdateKind,
    Verdict,
    VerdictStatus,
)

_WORDS: Final = """\
# One *word* of **each** kind, with a [link](https://www.pulumi.com/docs/) and `code`

1. @person #1 https://example.com <b>html</b>
   - ![image](https://example.com/i.png)

| table | cell |
|---|---|
| 1 | 2 |

> quote

```ts
code
```
"""
_FAILURE: Final = Failure(
    message="error: AccessDenied: no\n    at index.ts:1:2",
    headline="AccessDenied: no",
    urn="urn:pulumi:dev::shop::aws:s3/bucket:Bucket::receipts",
    type="aws:s3/bucket:Bucket",
    name="receipts",
    operation="create",
    provider="aws",
    location=SourceLocation("index.ts", 1),
    is_resource=True,
)
_FACTS: Final = Facts(
    outcome=Outcome.FAILED,
    kind=UpdateKind.UPDATE,
    duration_s=1.0,
    counts={"create": 1, "same": 2},
    failures=(_FAILURE, _FAILURE),
    sources=("log-file",),
)


def warm_up() -> None:
    """Renders a dummy report to load imports, templates and patterns."""
    import upshot.evidence.injection
    import upshot.modes.joined.publish
    import upshot.publish.outputs  # noqa: F401 - loaded here, used later
    from upshot.evidence import diagnose
    from upshot.registry import PUBLISHERS, load
    from upshot.report.build import RunContext, build_report
    from upshot.report.redact.redact import Redactor
    from upshot.report.render import Renderer
    from upshot.report.templating.sandbox import load_templates

    for spec in PUBLISHERS.values():
        load(spec.publish)
    redactor = Redactor(())
    report = build_report(
        _FACTS,
        diagnose(_FACTS),
        reply=Answer(BackendName.COPILOT, _WORDS),
        verdict=Verdict(VerdictStatus.FAILED),
        subject=None,
        context=RunContext(Run("acme/shop", "https://github.com", "1", sha="0" * 40), made_at=1.0),
        redactor=redactor,
    )
    rendering = Renderer(redactor=redactor).open(report)
    rendering.comment()
    rendering.summary()
    load_templates()
