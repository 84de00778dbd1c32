"""`/upshot status`: the present verdict, the risk, and what waits for a person. No AI is asked."""

from __future__ import annotations

from typing import Final

from upshot.model import BackendName, NoAnswer
from upshot.modes.chat.chat import Answer, Chat, open_world
from upshot.modes.shared.report import ReportMaker
from upshot.registry import VOTERS, load
from upshot.report.chat.page import Link, Plain, Table, Words
from upshot.report.content import Report
from upshot.report.markdown.text import clip_line
from upshot.report.words import count_failed, counted, headline, is_preview
from upshot.subject import build_update_url

_LONGEST_CAUSE: Final = 160


def answer(chat: Chat) -> Answer:
    with open_world(chat.job) as world:
        maker = ReportMaker(chat.job)
        reply = NoAnswer(BackendName.LOCAL)
        reports = [maker.build(case, reply, chat.lookup.result()) for case in world.cases]
        rows = [
            row
            for case, report in zip(world.cases, reports, strict=True)
            for row in _rows(str(case.stack or ""), report)
        ]
        for spec in VOTERS.values():
            rows += load(spec.describe)(chat, world) if spec.describe else ()
    return Answer(blocks=(Table(tuple(rows)),), report=reports[0])


def _rows(stack: str, report: Report) -> list[tuple[Words, Words]]:
    icon, phrase = headline(report)
    url = build_update_url(report.subject) if report.subject else ""
    where = Link(stack, url) if stack else Plain("no stack is known")
    rows = [
        (Words("Stack"), Words("{}", (where,))),
        (Words("Verdict"), Words(f"{icon} {{}}", (Plain(phrase),))),
    ]
    changes = counted(report.facts.counts or {}, planned=is_preview(report))
    broken = count_failed(report.facts)
    changes = [*([f"{broken:,} failed"] if broken else []), *changes]
    if changes:
        rows.append((Words("Resources"), Words("{}", (Plain(" · ".join(changes)),))))
    verdict = report.verdict
    reasons = "; ".join(verdict.risk_reasons)
    risk = f"{verdict.risk_level.value}{f': {reasons}' if reasons else ''}"
    rows.append((Words("Risk"), Words("{}", (Plain(risk),))))
    rows += [
        (Words("Forbidden"), Words("{}", (Plain(str(breach)),))) for breach in verdict.breaches
    ]
    cause = report.facts.root_cause
    if cause is not None:
        rows.append(
            (
                Words("Failed first"),
                Words(
                    "{}: {}",
                    (
                        cause.name or cause.type or "program",
                        Plain(clip_line(cause.headline, _LONGEST_CAUSE)),
                    ),
                ),
            )
        )
    return rows
