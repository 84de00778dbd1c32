"""The report about an agent account, rendered for the comment and the job summary."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from upshot.inputs.renames import write_renames
from upshot.model import Run
from upshot.report.accounts.page import AccountPage
from upshot.report.accounts.view import AccountView
from upshot.report.content import map_texts
from upshot.report.markdown.fit import COMMENT, SUMMARY, Room, Size, cut_markdown, less, tidy
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, render_run_footer
from upshot.report.templating.sandbox import render_template
from upshot.report.view import lines

_SLACK: Final = 2_000
"""For a page's own words, beside rows and notices."""


class AccountRenderer:
    """Renders one page, redacted, within the limits of each place."""

    def __init__(
        self,
        page: AccountPage,
        *,
        run: Run,
        made_at: float,
        notices: Sequence[str],
        redactor: Redactor,
    ) -> None:
        """`made_at`: seconds since the Unix epoch."""
        self._page = map_texts(page, redactor.redact)
        self._renames = redactor.redact(write_renames(self._page.renames))
        self._notices = lines([redactor.redact(notice) for notice in notices])
        self._redactor = redactor
        self._sha = run.sha
        self._footer = render_run_footer(run, made_at)

    def comment(self) -> Rendered:
        """For a comment on a pull request; leaves room for the marker that the publisher adds."""
        return self._page_for(COMMENT)

    def summary(self) -> Rendered:
        return self._page_for(SUMMARY)

    def _page_for(self, limit: Size) -> Rendered:
        view = AccountView(self._page, self._renames)
        fixed = self._footer + "\n".join(self._notices)
        values = view.values(Room(less(limit, fixed, _SLACK))) | {"notices": self._notices}
        body = self._redactor.redact(tidy(render_template("account.md.j2", values)))
        text = cut_markdown(body, less(limit, self._footer, 2))
        digest = sha256(f"{self._sha}\n{text}".encode()).hexdigest()
        is_cut = bool(view.omitted) or not text.startswith(body)
        return Rendered(f"{text}\n\n{self._footer}\n", is_cut, digest)
