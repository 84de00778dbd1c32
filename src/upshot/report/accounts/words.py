"""What is said of an agent account, by operation and state: heading, what happened, who must act.

Pure. `{agent}` and `{destination}` stand for names that the view has made safe.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from upshot.report.accounts.page import AccountPage


class Words(NamedTuple):
    icon: str
    title: str
    lead: str


_GONE: Final = Words(
    "🚫",
    "The claim token no longer works",
    "It is unknown, expired, cancelled or used. No action needed if the account was claimed. Otherwise "
    "the workflow's author must act: sign up again.",
)
_WRONG_WORD: Final = Words(
    "❌",
    "{agent} was not claimed: `confirm` holds another word",
    "The workflow's author must act: read what the claim would do **now**, and give the word below. The "
    "word changes with every stack, name and resource of the claim. Nothing was changed.",
)
_BLOCKED: Final = Words(
    "⚠️",
    "The claim of {agent} into {destination} is blocked",
    "The workflow's author must act: see below what stands against it. Nothing was changed.",
)
_BY_STATE: Final = {
    ("signup", "valid"): Words(
        "🤖",
        "Agent account {agent} is made",
        "No action needed now: later steps deploy with its access token. A person must claim the "
        "account before its claim token expires.",
    ),
    ("validate", "valid"): Words(
        "🎟️",
        "The claim token of {agent} works",
        "No action needed. `account-operation: preview-claim` shows what a claim would do.",
    ),
    ("status", "valid"): Words(
        "🎟️", "{agent} can be claimed", "No action needed: no claim of this account is running."
    ),
    ("", "ready"): Words(
        "✋",
        "{agent} can be claimed into {destination}",
        "Nothing stands against it, and nothing was changed. A person must decide: a claim cannot "
        "be undone.",
    ),
    ("", "blocked"): _BLOCKED,
    ("", "started"): Words(
        "⏳",
        "The claim of {agent} into {destination} is running",
        "No action needed: Pulumi Cloud goes on with it. `account-operation: status` shows how far it "
        "is; a claim is never started twice.",
    ),
    ("", "done"): Words(
        "✅", "{agent} was claimed into {destination}", "No action needed: everything has moved."
    ),
    ("", "failed"): Words(
        "❌",
        "The claim of {agent} into {destination} failed",
        "The workflow's author must act: see below what did not move, then run "
        "`account-operation: preview-claim` to see what is left.",
    ),
    ("", "gone"): _GONE,
}
_FAILED: Final = {
    "signup": Words("❌", "No agent account was made", ""),
    "validate": Words("❔", "The claim token was not checked", ""),
    "preview-claim": Words("❔", "The claim was not previewed", ""),
    "claim": Words("❌", "The claim was not carried out", ""),
    "status": Words("❔", "The recent claims were not read", ""),
}
_RECENT: Final = Words(
    "📋", "Recent claims into {destination}", "No action needed: this is how far each of them is."
)
_NO_RECENT: Final = Words(
    "📋", "No recent claims into {destination}", "No action needed: Pulumi Cloud lists none."
)
_UNSURE: Final = Words(
    "❔",
    "It is not known whether the claim of {agent} into {destination} has started",
    "The answer to its start is lost. It is not started again: `account-operation: status` shows "
    "whether it runs.",
)


def find_words(page: AccountPage) -> Words:
    """The words for the page."""
    if page.fault and page.state == "started" and not page.transfer_id:
        return _UNSURE
    if (
        page.fault
        and page.state in {"", "valid"}
        and not (page.operation == "signup" and page.login)
    ):
        return _FAILED[page.operation]
    if page.is_word_wrong:
        return _WRONG_WORD
    found = _BY_STATE.get((page.operation, page.state)) or _BY_STATE.get(("", page.state))
    return found or (_RECENT if page.claims else _NO_RECENT)


def about_token(page: AccountPage) -> str:
    """What happens, or happened, to the agent's own access token; empty where nothing is known."""
    return "" if find_words(page) is _UNSURE else _TOKEN.get(page.state, "")


_TOKEN: Final = {
    "ready": "With the claim done, the agent's organization {organization} and its access token are "
    "gone. A workflow that still deploys with that token needs one of {destination} then. While "
    "the claim runs, the agent can change nothing.",
    "started": "The agent's organization {organization} is locked: its access token can change "
    "nothing. With the claim done, both are gone.",
    "done": "The agent's organization {organization} and its access token are gone. The workflow's "
    "author must act where a workflow still uses that token: give it one of {destination}, and "
    "delete the secret that holds the old one.",
    "failed": "Whether the agent's access token still works is not known.",
}
_TOKEN["blocked"] = _TOKEN["ready"]
