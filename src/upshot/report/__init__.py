"""Telling: facts and replies become safe, well-shaped Markdown that fits.

The way of a text: redact -> build -> defang -> fit -> render. Everything here is pure.

========================  ==========================================================================
`report.redact`           `Redactor(secrets, patterns=(), *, monotonic=time.monotonic)` with
                          `.redact(text) -> str`, `.add(secret)`, `.count`, `.refused`; cheap to
                          import, used before the first AI request
`report.maskpattern`      `mask_pattern_problem(pattern) -> str`: why a user's pattern is refused
`report.markdown.text`    `clip_line`, `clip_block`, `wrap_block`
`report.escape`           `escape_inline(text)`, `code_span(text)`, `fence(text, info="")`
`report.defang`           `defang_markdown(text, *, allowed_hosts, redact=None) -> str`
`report.build`            `build_report(facts, diagnosis, *, reply, verdict, subject, run,
                          pull_request, redactor, now, notices=(), looked_at=())
                          -> Report`
`report.content`          `Report`: what is shown, redacted, a value that can be stored as JSON
`report.render`           `Renderer(*, redactor, template="")` with `.comment(report) -> Rendered`
                          and `.summary(report) -> Rendered`; `Rendered(text, truncated, digest,
                          omitted, notices)`
`report.picture`          `draw_failures(failures) -> str`: a Mermaid graph
========================  ==========================================================================

Markdown-it and Jinja2 are imported inside functions: nothing of them is loaded before the first
AI request is on its way. This module itself imports nothing.
"""
