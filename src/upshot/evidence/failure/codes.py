"""HTTP status and error code of a failure, where its message states them.

The forms are those of the cloud SDKs that providers print: AWS SDK v1 and v2, Azure's autorest and
azcore, Google's googleapi, gRPC, Kubernetes, plain HTTP. Nothing is guessed from prose.
"""

from __future__ import annotations

import re
from typing import Final

_CAP: Final = 6_000

_STATUS = re.compile(
    r"(?:\bstatus ?code\b[:=\s\"]{1,4}|\bStatusCode[:=]\s?|\bStatus[:=]\s?\"?|\bHTTP(?:/[\d.]+)?"
    r"(?: (?:status|response|error))?(?: code)?[ :]{1,2}|googleapi: (?:got HTTP response code |Error )"
    r"|\b(?:[Rr]esponse|[Ee]rror)(?: status)?(?: code)?[ :=]{1,3}|\bCode: |\[(?=\d{3}\])|\"code\": ?"
    r"|\breturned(?: status)?(?: code)? |\bstatus |\bunexpected status(?: code)? |\bRESPONSE "
    r"|\bhttps?://[^\s\"<>]{1,500}\"?: (?=\d{3}\b))"
    r"(?P<code>[45]\d\d)\b(?!\.\d)",
)
_STATUS_WORDED = re.compile(
    r"(?P<code>[45]\d\d) (?:Bad Request|Unauthorized|Forbidden|Not Found|Conflict|Gone|"
    r"Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|"
    r"Unprocessable|Precondition Failed|Method Not Allowed|Payment Required|HTTP error)\b"
)

_WORD: Final = r"[A-Z][A-Za-z0-9]{2,80}"
# Ordered: a form that can only be a code comes before one that looks like one.
_FORMS: Final = (
    re.compile(r"\bapi error (?P<code>[A-Z][\w.]{2,80}):"),
    re.compile(r"(?<![A-Za-z])\\?\"?[Cc]ode\\?\"?[=:] ?\\?\"(?P<code>[A-Za-z][\w.-]{2,80})\\?\""),
    re.compile(
        rf"\bRequestID: [^\s,]{{1,80}},(?: HostID: [^\s,]{{0,200}},)? (?P<code>{_WORD}):(?: |$)"
    ),
    re.compile(
        r"(?m)(?:^|: )(?P<code>[A-Z][A-Za-z]{2,60}(?:\.[A-Za-z.]{2,60})?):(?: [^\n]{0,600})?\n"
        r"[ \t]{0,40}status code: \d{3}"
    ),
    re.compile(r"\bERROR CODE: (?P<code>[A-Za-z]\w{2,80})"),
    re.compile(rf"\bwith error: (?P<code>{_WORD}): "),
    re.compile(
        rf"(?:^|: |\* |\[)(?P<code>{_WORD}(?:Exception|Violation|Failure|Fault|Exceeded|NotFound"
        rf"|Denied|Unavailable|InUse|Exists|Combination|Value|Name|Invalid|Failed|Conflict"
        rf"|Functions|Document|Request|Limit|Error))(?:: |:$|\]|$)",
        re.MULTILINE,
    ),
    re.compile(rf"(?m): (?P<code>Invalid{_WORD[5:]}|{_WORD}\.{_WORD}): "),
    re.compile(r"\[(?P<code>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+)\]"),
    re.compile(
        r"(?m)^\s*(?:\| *|<ref \*\d+> |---> |Caused by: |Exception in thread \"[^\"\n]{1,80}\" )?(?P<code>(?:[A-Za-z_]\w*[.+])*[A-Z]\w*(?:Error|Exception))(?::|$)"
    ),
    re.compile(r"(?m), (?P<code>[a-z]+(?:[A-Z][a-z]+)+)(?:: provider=|$)"),
    re.compile(r"\bError code (?P<code>\d{1,3}),"),
    re.compile(r"\b(?:exit|exited with) status (?P<code>\d{1,3}): running "),
    re.compile(r"\b(?P<code>SIG[A-Z]{2,6})\b"),
    re.compile(
        r"\berror (?P<code>(?:TS|CS|FS|BC|NU|MSB|NETSDK)\d{3,5}):|\((?P<code2>[A-Z]{2,5}\d{3,5})\)"
    ),
    re.compile(r"\"reason\": ?\"(?P<code>[A-Za-z]\w{2,80})\""),
    re.compile(r"\bcode = (?P<code>[A-Z][A-Za-z]{2,30})\b"),
    re.compile(r"\b(?P<code>E(?:CONNREFUSED|CONNRESET|NOTFOUND|TIMEDOUT|ACCES|NOENT|ADDRINUSE))\b"),
)
# Wrappers' words that have the form of a code and say nothing.
_EMPTY = frozenset(
    {
        "Unknown", "Error", "Exception", "None", "nil", "TargetInvocationException",
        "System.Reflection.TargetInvocationException", "RunException", "Pulumi.RunException",
        "CommandError", "RunError", "TSError", "HostID", "RequestID",
    }
)  # fmt: skip


def find_status_code(message: str, headline: str = "") -> int | None:
    """The HTTP status (400…599) that the message states; the headline's own wins."""
    for text in (headline, message[:_CAP]):
        match = _STATUS.search(text) or _STATUS_WORDED.search(text)
        if match:
            return int(match["code"])
    return None


def find_error_code(message: str, headline: str = "") -> str:
    """The provider's or the language's error code, empty when none is stated."""
    for text in (headline, message[:_CAP]):
        for form in _FORMS:
            for match in form.finditer(text):
                code = next(group for group in match.groups() if group)
                if code not in _EMPTY:
                    return code
    return ""
