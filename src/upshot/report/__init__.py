"""The report: facts and a reply become safe, well-shaped Markdown that fits where it is shown.

A text goes this way:

1. `build`: every text of facts, diagnosis and reply is redacted and freed of hidden characters as it
   comes in. The `Report` that results is a value, and can be stored as JSON.
2. `view`: the values that templates use are made from it, each text as harmless Markdown. The model's
   words are defanged here, and redacted as a reader would see them, so that no markup splits a secret.
3. `fit`: rows and prose are fitted into the room that a page has.
4. `render`: a template arranges the values. The text is redacted once more, as a safety net, and cut
   at whole lines if it is still too long.

A report with a comment and a summary costs 1 rendering of its body and 3 passes of the redactor when
all of it fits into a comment (one as it comes in, one over the model's words, one at the end), and
at most 3 renderings and 4 passes when it does not: what surrounds the rows is measured once, then each
page has a body of its own. A user's template that looks at `target` is rendered for each page.

Nothing here does input or output. Two things are not pure: a `Redactor` remembers how many different
secrets it met, and reads a clock to stop a user's pattern that takes too long.

==========================  ========================================================================
`report.redact.redact`      `Redactor(secrets, patterns=(), *, monotonic=time.monotonic)` with
                            `.redact(text) -> str`, `.add(secret)`, `.count`, `.refused`; cheap to
                            import, used before the first AI request
`report.markdown.text`      `clip_line`, `clip_block`, `wrap_block`
`report.markdown.escape`    `escape_inline(text)`, `code_span(text)`, `fence(text, info="")`
`report.markdown.defang`    `defang_markdown(text, *, allowed_hosts, redact=None) -> str`
`report.content`            `Report`; `map_texts(value, redact)`
`report.build`              `build_report(facts, diagnosis, *, reply, verdict, subject, context,
                            redactor) -> Report`; `RunContext(run, made_at, notices=(),
                            looked_at=())`
`report.render`             `Renderer(*, redactor, template="")` with `.open(report) -> Rendering`,
                            which has `.comment(history="") -> Rendered`, `.summary() -> Rendered`
                            and `.answer`; `Rendered(text, truncated, digest, omitted, notices)`
`report.history`            `render_history(past, run)`, `render_change(report, before, *, url)`
`report.rollup`             `assemble(sections, wrap, *, limit, tail="")`: many stacks in one text
==========================  ========================================================================

Markdown-it and Jinja2 are imported inside functions: nothing of them is loaded before the first
AI request is on its way. This module itself imports nothing.
"""
