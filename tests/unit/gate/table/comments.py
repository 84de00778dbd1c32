"""Rules 1, 2 and 4: what a comment must say, that it was never touched, and when it was written."""

from __future__ import annotations

from tests.unit.gate.cases import (
    APPROVED,
    DAY,
    ERROR,
    HEAD,
    ID,
    NOW,
    OPENED,
    OTHER,
    PLAN_REQUEST,
    REJECTED,
    TREE_REQUEST,
    WAITING,
    WORKFLOW_REQUEST,
    Case,
    approve,
    comment,
    facts,
    reject,
    request,
)

from upshot.gate.decision import Rule, State
from upshot.gate.facts import Revision
from upshot.gate.request import Binding, Request

BARE = ID.replace("-", "")
ELSEWHERE = {
    "repository": request(repository=78),
    "pull request": request(pull=13),
    "commit": request(bound=OTHER),
    "binding": TREE_REQUEST,
    "plan": PLAN_REQUEST,
    "workflow": WORKFLOW_REQUEST,
    "set of stacks": request(stacks=("acme/shop/prod", "acme/shop/dev")),
    "stack": request(stacks=("acme/shop/dev",)),
}


def said(rule: str, name: str, body: str, *fates: Rule, state: State = WAITING) -> Case:
    return Case(rule, name, facts(comment(body)), state, fates)


def counts(name: str, body: str) -> Case:
    return said("1", name, body, Rule.COUNTS, state=APPROVED)


def closes(name: str, body: str) -> Case:
    return said("1", name, body, Rule.REJECTS, state=REJECTED)


WRITTEN = [
    counts("the id with hyphens", f"/upshot approve {ID}"),
    counts("the id without hyphens", f"/upshot approve {BARE}"),
    counts("the id in capitals", f"/upshot approve {ID.upper()}"),
    counts("the id with some of its hyphens", f"/upshot approve {BARE[:8]}-{BARE[8:]}"),
    counts("spaces and tabs between and after", f"/upshot  approve\t {ID} \t"),
    counts("the whole commit", f"/upshot approve {ID} {HEAD}"),
    counts("seven digits of the commit", f"/upshot approve {ID} {HEAD[:7]}"),
    counts("the commit in capitals", f"/upshot approve {ID} {HEAD[:12].upper()}"),
    counts("a reason", f"/upshot approve {ID} --reason looks good"),
    counts("a commit and a reason", f"/upshot approve {ID} {HEAD[:9]} --reason looks good"),
    counts("an empty reason", f"/upshot approve {ID} --reason"),
    counts("words after the id", f"/upshot approve {ID} looks good"),
    counts("more on later lines", f"/upshot approve {ID}\n\nI had a look at `db`."),
    counts("line ends of Windows", f"/upshot approve {ID}\r\nthanks\r\n"),
    counts("a second command on the second line", f"/upshot approve {ID}\n/upshot reject {ID}"),
    counts(
        "a reason that names another id", f"/upshot approve {ID} --reason not aaaa-bbbb-cccc-dddd"
    ),
    closes("a rejection", f"/upshot reject {ID}"),
    closes("a rejection with a commit", f"/upshot reject {ID} {HEAD[:7]}"),
    closes("a rejection with a reason", f"/upshot reject {ID} --reason drops the table"),
    closes("a rejection with words after the id", f"/upshot reject {ID} drops the table"),
    closes("a rejection with an unknown option", f"/upshot reject {ID} --force"),
    closes("a rejection with a ticket's number", f"/upshot reject {ID} 1234"),
]
MALFORMED = [
    said("1", name, body, Rule.MALFORMED)
    for name, body in {
        "no id": "/upshot approve",
        "no id in a rejection": "/upshot reject",
        "an option that there is not": f"/upshot approve {ID} --force",
        "an option written together": f"/upshot approve {ID} --reason=fine",
        "six digits of the commit": f"/upshot approve {ID} a1a1a1",
        "more digits than a commit has": f"/upshot approve {ID} {'a1' * 33}",
        "a zero-width space in the id": f"/upshot approve {ID[:6]}\u200b{ID[6:]}",
        "a soft hyphen for a hyphen": f"/upshot approve {ID.replace('-', chr(0xAD))}",
        "an en dash for a hyphen": f"/upshot approve {ID.replace('-', chr(0x2013))}",
        "the id in a code span": f"/upshot approve `{ID}`",
        "the id in bold": f"/upshot approve **{ID}**",
        "the id in a link": f"/upshot approve [{ID}](https://example.com)",
        "the id behind an HTML comment": f"/upshot approve <!-- --> {ID}",
        "a Kelvin sign in the id": f"/upshot approve \u212a{ID[1:]}",
        "the id on the next line": f"/upshot approve\n{ID}",
        "a byte order mark before the id": f"/upshot approve \ufeff{ID}",
        "a fixed space before the id": f"/upshot approve \u00a0{ID}",
    }.items()
]
OTHER_REQUESTS = [
    *(
        said(
            "1, T53", f"an id for another {name}", f"/upshot approve {other.id}", Rule.OTHER_REQUEST
        )
        for name, other in ELSEWHERE.items()
    ),
    *(
        said("1", name, f"/upshot approve {typed}", Rule.OTHER_REQUEST)
        for name, typed in {
            "another id": "aaaa-bbbb-cccc-dddd",
            "an id of fifteen characters": BARE[:15],
            "an id of seventeen characters": BARE + "a",
            "two hyphens in a row": f"{BARE[:4]}--{BARE[4:]}",
            "a hyphen at the end": f"{ID}-",
            "an id of a task": "tlr_01HZX",
        }.items()
    ),
    said(
        "1, T53",
        "a rejection of another request",
        "/upshot reject aaaa-bbbb-cccc-dddd",
        Rule.OTHER_REQUEST,
    ),
]
OTHER_COMMITS = [
    said("1", "another commit", f"/upshot approve {ID} {OTHER}", Rule.OTHER_COMMIT),
    said(
        "1",
        "seven digits of another commit",
        f"/upshot approve {ID} {OTHER[:7]}",
        Rule.OTHER_COMMIT,
    ),
    said("1", "a word that could be a commit", f"/upshot approve {ID} defaced", Rule.OTHER_COMMIT),
    said("1", "a commit with one digit more", f"/upshot approve {ID} {HEAD}0", Rule.OTHER_COMMIT),
    said(
        "1", "a rejection of another commit", f"/upshot reject {ID} {OTHER[:7]}", Rule.OTHER_COMMIT
    ),
]
NO_COMMAND = [
    said("1, T51", name, body)
    for name, body in {
        "words before it": f"Please /upshot approve {ID}",
        "a space before it": f" /upshot approve {ID}",
        "a line before it": f"Fine.\n/upshot approve {ID}",
        "an empty line before it": f"\n/upshot approve {ID}",
        "a quote": f"> /upshot approve {ID}",
        "a code block": f"```\n/upshot approve {ID}\n```",
        "a code span": f"`/upshot approve {ID}`",
        "a block that is set in": f"    /upshot approve {ID}",
        "an HTML comment": f"<!-- /upshot approve {ID} -->",
        "an HTML comment over lines": f"<!--\n/upshot approve {ID}\n-->",
        "a details element": f"<details>\n/upshot approve {ID}\n</details>",
        "a zero-width space before the slash": f"\u200b/upshot approve {ID}",
        "a byte order mark before the slash": f"\ufeff/upshot approve {ID}",
        "a direction mark before the slash": f"\u202e/upshot approve {ID}",
        "a division slash": f"\u2215upshot approve {ID}",
        "a full-width slash": f"\uff0fupshot approve {ID}",
        "a Cyrillic o": f"/upsh\u043et approve {ID}",
        "a zero-width space in the word": f"/up\u200bshot approve {ID}",
        "another word that begins alike": f"/upshots approve {ID}",
        "capitals": f"/UPSHOT approve {ID}",
        "a fixed space after the word": f"/upshot\u00a0approve {ID}",
        "an escaped slash": f"\\/upshot approve {ID}",
        "a heading": f"# /upshot approve {ID}",
        "a list": f"- /upshot approve {ID}",
        "nothing at all": "",
    }.items()
]
NO_VOTE = [
    said("1", name, body)
    for name, body in {
        "a verb in capitals": f"/upshot APPROVE {ID}",
        "another verb": f"/upshot approved {ID}",
        "a Cyrillic a in the verb": f"/upshot \u0430pprove {ID}",
        "a zero-width joiner after the verb": f"/upshot approve\u200d {ID}",
        "a fixed space after the verb": f"/upshot approve\u00a0{ID}",
        "the id alone": f"/upshot {ID}",
        "a question that holds a command": f"/upshot ask may I?\n/upshot approve {ID}",
        "a question about an approval": f"/upshot ask approve {ID}",
    }.items()
]
TOUCHED = [
    Case("2, T51", f"{kind} {name}", facts(vote(**over)), state, (rule,))
    for kind, vote in (("an approval", approve), ("a rejection", reject))
    for name, over, state, rule in (
        ("that was updated", {"updated_at": NOW - 60}, WAITING, Rule.EDITED),
        ("that was updated before it was made", {"updated_at": NOW - DAY}, WAITING, Rule.EDITED),
        ("that GraphQL calls edited", {"revision": Revision(NOW - 60, is_minimised=False)}, WAITING, Rule.EDITED),
        ("that was edited in its first second", {"revision": Revision(NOW - 3600, is_minimised=False)}, WAITING, Rule.EDITED),
        ("that was hidden", {"revision": Revision(None, is_minimised=True)}, WAITING, Rule.MINIMISED),
        ("of whose edits nothing is known", {"revision": None}, ERROR, Rule.UNKNOWN_EDITS),
        ("that was updated and is otherwise unknown", {"revision": None, "updated_at": NOW}, WAITING, Rule.EDITED),
        ("that is no number old", {"at": float("nan")}, WAITING, Rule.EDITED),
    )
]  # fmt: skip
TIMES = [
    Case("4", "as old as the pull request", facts(approve(at=OPENED)), APPROVED, (Rule.COUNTS,)),
    Case("4", "a second older than the pull request", facts(approve(at=OPENED - 1)), WAITING, (Rule.BEFORE_PULL,)),
    Case("4", "a rejection older than the pull request", facts(reject(at=OPENED - 1)), WAITING, (Rule.BEFORE_PULL,)),
    Case("4", "written in this second", facts(approve(at=0)), APPROVED, (Rule.COUNTS,)),
    Case("4", "a runner's clock that is a little behind", facts(approve(at=300)), APPROVED, (Rule.COUNTS,)),
    Case("4, T57", "written in the future", facts(approve(at=301)), ERROR, (Rule.UNKNOWN_TIME,)),
    Case("4, T57", "rejected in the future", facts(reject(at=DAY)), ERROR, (Rule.UNKNOWN_TIME,)),
]  # fmt: skip


def bound(name: str, one: Request, body: str, *fates: Rule, state: State = WAITING) -> Case:
    return Case(
        "1", f"{name}, bound to {one.binding}", facts(comment(body)), state, fates, request=one
    )


BOUND = [
    case
    for one in (TREE_REQUEST, PLAN_REQUEST, WORKFLOW_REQUEST, request(binding=Binding.CLAIM, bound="c", stacks=()))
    for case in (
        bound("its id", one, f"/upshot approve {one.id}", Rule.COUNTS, state=APPROVED),
        bound("its id and commit", one, f"/upshot approve {one.id} {HEAD[:8]}", Rule.COUNTS, state=APPROVED),
        bound("another commit", one, f"/upshot approve {one.id} {OTHER[:8]}", Rule.OTHER_COMMIT),
        bound("the id of the commit", one, f"/upshot approve {ID}", Rule.OTHER_REQUEST),
        bound("a rejection", one, f"/upshot reject {one.id}", Rule.REJECTS, state=REJECTED),
    )
]  # fmt: skip
CASES = [
    *WRITTEN, *MALFORMED, *OTHER_REQUESTS, *OTHER_COMMITS, *NO_COMMAND, *NO_VOTE, *TOUCHED, *TIMES,
    *BOUND,
]  # fmt: skip
