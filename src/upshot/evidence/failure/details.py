"""What a failure's message states beside its cause: HTTP status, error code, place in the program.

The forms of the codes are those of the cloud SDKs that providers print: AWS SDK v1 and v2, Azure's
autorest and azcore, Google's googleapi, gRPC, Kubernetes, plain HTTP. Places are in the stack traces
and compiler messages of the languages that Pulumi runs: Node.js and TypeScript, Python, Go, .NET,
Java, YAML. Nothing is guessed from prose; must not look at the file system.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from upshot.evidence.failure.cause import detail_of
from upshot.model import SourceLocation
from upshot.text import pattern

_CAP: Final = 6_000

_STATUS = pattern(
    r"(?:\bstatus ?code\b[:=\s\"]{1,4}|\bStatusCode[:=]\s?|\bStatus[:=]\s?\"?|\bHTTP(?:/[\d.]+)?"
    r"(?: (?:status|response|error))?(?: code)?[ :]{1,2}|googleapi: (?:got HTTP response code |Error )"
    r"|\b(?:[Rr]esponse|[Ee]rror)(?: status)?(?: code)?[ :=]{1,3}|\bCode: |\[(?=\d{3}\])|\"code\": ?"
    r"|\b(?=\d{3}-[A-Z][A-Za-z]{2,80}, )|\breturned(?: status)?(?: code)? |\bgot (?=\d{3} instead)|\bstatus |\bunexpected status(?: code)? |\bRESPONSE "
    r"|\bhttps?://[^\s\"]{1,500}\"?: (?=\d{3}\b))"
    r"(?P<code>[45]\d\d)\b(?!\.\d)",
    marks=("4", "5"),
)
_STATUS_WORDED = pattern(
    r"(?P<code>[45]\d\d) (?:Bad Request|Unauthorized|Forbidden|Not Found|Conflict|Gone|"
    r"Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|"
    r"Unprocessable|Precondition Failed|Method Not Allowed|Payment Required|HTTP error)\b"
    # With the service's code after it: `503 SlowDown: …`.
    r"|(?:^|: )(?P<coded>[45]\d\d) (?=[A-Z][a-z]+(?:[A-Z][a-z]+)+: )",
    marks=("4", "5"),
)

_WORD: Final = r"[A-Z][A-Za-z0-9]{2,80}"
# In order: forms that can only be a code come before those that merely look like one.
_FORMS: Final = (
    pattern(r"\bapi error (?P<code>[A-Z][\w.]{2,80}):", marks=("api error ",)),
    # One detail alone is printed as `Error 409: <message>, <reason>` (Google's Go client library).
    pattern(
        r"(?m)\bgoogleapi: Error \d{3}: [^\n]{0,2000}?, (?P<code>[a-z][A-Za-z]{2,40})(?:$|: ?(?:provider=|\"))",
        marks=("googleapi: Error ",),
    ),
    pattern(
        r"(?<![A-Za-z])\\?\"?[Cc]ode\\?\"?[=:] ?\\?\"(?P<code>[A-Za-z][\w.-]{2,80})\\?\"",
        marks=("ode",),
    ),
    pattern(
        rf"\bRequestID: [^\s,]{{1,80}},(?: HostID: [^\s,]{{0,200}},)? (?P<code>{_WORD}):(?: |$)",
        marks=("RequestID: ",),
    ),
    pattern(
        r"(?m)(?:^|: | = )(?P<code>[A-Z][A-Za-z]{2,60}(?:\.[A-Za-z.]{2,60})?):(?: [^\n]{0,600})?\n"
        r"[ \t]{0,40}status code: \d{3}",
        marks=("status code: ",),
    ),
    # Several details of Google's Go client library: `Reason: immutableField, Message: …`.
    pattern(r"\bReason: (?P<code>[a-z]+(?:[A-Z][a-z]+)*), Message: ", marks=("Reason: ",)),
    pattern(r"\bErrorCode[=:] ?(?P<code>[A-Z]\w{2,80})\b", marks=("ErrorCode",)),
    pattern(r"\"error\": ?\"(?P<code>[a-z]{2,30}(?:_[a-z]{2,30}){1,5})\"", marks=('"error"',)),
    pattern(r"\bERROR CODE: (?P<code>[A-Za-z]\w{2,80})", marks=("ERROR CODE: ",)),
    pattern(rf"\bwith error: (?P<code>{_WORD}): ", marks=("with error: ",)),
    pattern(rf"\bfailed with \\?[\"'](?P<code>{_WORD})\\?[\"']", marks=("failed with ",)),
    pattern(rf"\b[45]\d\d-(?P<code>{_WORD}), ", marks=("4", "5")),
    pattern(r"(?m)(?:^|: )[45]\d\d (?P<code>[A-Z][a-z]+(?:[A-Z][a-z]+)+): ", marks=("4", "5")),
    pattern(
        r"(?m)^\s{0,40}(?:Error ?)?Code: (?P<code>[A-Z][A-Za-z]{2,60}(?:\.[\w.]{2,60})?)$",
        marks=("Code: ",),
    ),
    pattern(r"(?m)\((?P<code>[a-z]{2,30}(?:_[a-z]{2,30}){1,5})(?:, [0-9a-f]{2,40}\)|\)$)"),
    pattern(
        rf"(?:^|: |\* |\[)(?P<code>{_WORD}(?:Exception|Violation|Failure|Fault|Exceeded|NotFound"
        rf"|Denied|Unavailable|InUse|Exists|Combination|Value|Name|Invalid|Failed|Conflict"
        rf"|Functions|Document|Request|Limit|Error|Ready|Endpoint|Parameter|Credentials))(?:: |:$|\]|$)",
        re.MULTILINE,
    ),
    pattern(rf"(?m)(?:^|: )(?P<code>Invalid{_WORD[5:]}|{_WORD}\.{_WORD}): "),
    pattern(r"(?:because:|--) \[(?P<code>[A-Z]\w{2,60})\]", marks=(": [", "- [")),
    pattern(
        r"\[(?P<code>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+)\]", marks=("]",)
    ),
    pattern(
        r"(?m)^\s*(?:\| *|<ref \*\d+> |---> |Caused by: |Exception in thread \"[^\"\n]{1,80}\" )?(?P<code>(?:[A-Za-z_]\w*[.+])*[A-Z]\w*(?:Error|Exception))(?::|$)"
    ),
    pattern(r"(?m), (?P<code>[a-z]+(?:[A-Z][a-z]+)+)(?:: provider=|$)"),
    pattern(r": (?P<code>[A-Z][a-z]+(?:[A-Z][a-z]+){1,8}): (?=[A-Za-z])"),
    # Of a database, with the state that SQL's standard gives it: `090105 (22000): …`.
    pattern(r"\b(?P<code>\d{5,6}) \([0-9A-Z]{5}\): ", marks=("): ",)),
    pattern(r"\bSQLSTATE[ :=]{1,3}(?P<code>[0-9A-Z]{5})\b", marks=("SQLSTATE",)),
    # The status of gRPC as its library for Node.js prints it: `8 RESOURCE_EXHAUSTED: …`.
    pattern(r"\b\d{1,2} (?P<code>(?!UNKNOWN)[A-Z]{5,20}(?:_[A-Z]{2,20}){0,2}): "),
    pattern(r"(?:^|: )(?P<code>[A-Z]{2,20}(?:_[A-Z]{2,20}){1,5}): (?=[A-Z])"),
    pattern(r"(?m)(?:^|: )(?P<code>[A-Z][a-z]{2,40}(?:_[A-Z][A-Za-z]{2,40}){1,3}): "),
    pattern(r"(?m) \((?P<code>\d{4,6})\)$"),
    pattern(r"\"code\": ?(?P<code>\d{4,6})\b", marks=('"code"',)),
    pattern(r"\bError code (?P<code>\d{1,3}),", marks=("Error code ",)),
    pattern(r"\b(?:exit|exited with) status (?P<code>\d{1,3}): running ", marks=(": running ",)),
    pattern(r"\b(?P<code>SIG[A-Z]{2,6})\b", marks=("SIG",)),
    pattern(
        r"\berror (?P<code>[A-Z]{2,6}\d{3,5}):|\((?P<code2>[A-Z]{2,5}\d{3,5})\)",
        marks=("error ", ")"),
    ),
    pattern(r"\"type\": ?\"(?P<code>[A-Z][a-z]+(?:[A-Z][a-z]+)+)\"", marks=('"type"',)),
    pattern(r"<Code>(?P<code>[A-Z]\w{2,80})</Code>", marks=("<Code>",)),
    pattern(r"\"reason\": ?\"(?P<code>[A-Za-z]\w{2,80})\"", marks=('"reason"',)),
    pattern(
        r"\b(?P<code>E(?:CONNREFUSED|CONNRESET|NOTFOUND|TIMEDOUT|ACCES|NOENT|ADDRINUSE))\b",
        marks=("ECONN", "ENO", "ETIMEDOUT", "EACCES", "EADDRINUSE"),
    ),
)
# A status of gRPC, or of the library that opens buckets and keys: the answer itself may say more.
_GENERAL: Final = (
    pattern(r"\bcode ?= ?(?P<code>[A-Z][A-Za-z]{2,30})\b", marks=("code =", "code=")),
)
# Words of wrappers that have the form of a code and say nothing.
_EMPTY = frozenset(
    {
        "Unknown", "Error", "Exception", "None", "nil", "TargetInvocationException",
        "System.Reflection.TargetInvocationException", "RunException", "Pulumi.RunException",
        "CommandError", "RunError", "SDKError", "TSError", "HostID", "RequestID",
    }
)  # fmt: skip


def find_status_code(message: str, headline: str = "") -> int | None:
    """The HTTP status (400…599) that the headline, else the message states."""
    for text in (headline, message[:_CAP], _folded(message)):
        match = _STATUS.search(text) or _STATUS_WORDED.search(text)
        if match:
            return int(match["code"] or match["coded"])
    return None


def _folded(message: str) -> str:
    """The text on one line: terminals and people wrap long messages anywhere."""
    return " ".join(message[:_CAP].split())


def find_error_code(message: str, headline: str = "") -> str:
    """The provider's or the language's error code, empty when none is stated."""
    found = detail_of(message)[0] or _code_in(headline) or _code_in(message[:_CAP])
    found = found or (_code_in(_folded(message)) if "\n" in message[:_CAP] else "")
    return found or _code_in(headline, _GENERAL) or _code_in(message[:_CAP], _GENERAL)


def _code_in(text: str, forms: Sequence[re.Pattern[str]] = _FORMS) -> str:
    for form in forms:
        for match in form.finditer(text):
            code = next(group for group in match.groups() if group)
            if code not in _EMPTY:
                return code
    return ""


_PATH: Final = r"[^\s\"'()<>|*?:]"

_YAML = pattern(
    r"\bon (?P<file>[^\s:]{1,300}\.ya?ml),? line (?P<line>\d{1,7})",
    marks=("line ",),
)
_YAML_COLON = pattern(
    r"(?P<file>[^\s:\"'(]{0,300}\bPulumi(?:\.[\w-]+)?\.ya?ml):(?P<line>\d{1,7})",
    marks=(".yaml:", ".yml:"),
)
_PYTHON = pattern(
    r"File \"(?P<file>[^\"\n]{1,500})\", line (?P<line>\d{1,7})",
    marks=('File "',),
)
_DOTNET_FRAME = pattern(
    r" in (?P<file>[^\n]{1,400}?\.(?:cs|fs|vb)):line (?P<line>\d{1,7})",
    marks=(":line ",),
)
_DOTNET_BUILD = pattern(
    r"(?P<file>[^\s\"'(]{1,300}\.(?:cs|fs|vb))\((?P<line>\d{1,7}),\d+\): error",
    marks=(".cs(", ".fs(", ".vb("),
)
_TYPESCRIPT = pattern(
    r"(?P<file>(?:[A-Za-z]:)?[^\s\"'():]{1,300}\.[cm]?[jt]sx?)\((?P<line>\d{1,7}),\d+\): error",
    marks=("): error",),
)
# Where a function cannot be serialized: `function 'Provider': index.ts(16,15): which …` (SDK).
_CAPTURED = pattern(
    r"(?P<file>[^\s\"'():]{1,300}\.[cm]?[jt]sx?)\((?P<line>\d{1,7}),\d{1,5}\)",
    marks=("ts(", "js(", "sx("),
)
_NODE = pattern(
    r"(?P<file>(?:file://)?(?:[A-Za-z]:)?[^\s\"'():]{1,300}\.[cm]?[jt]sx?):(?P<line>\d{1,7})(?::\d+)?",
    marks=("ts:", "js:", "tsx:", "jsx:"),
)
# A compiler names the column, a stack trace has the place on a line of its own; a place within a
# sentence is where a library logs.
_GO = pattern(
    rf"(?m)(?P<file>(?:[A-Za-z]:)?{_PATH}{{1,300}}\.go):(?P<line>\d{{1,7}})(?::\d+|(?: \+0x|$))",
    marks=(".go:",),
)
_JAVA_BUILD = pattern(
    rf"(?P<file>{_PATH}{{1,300}}\.(?:java|kt|scala)):(?:\[)?(?P<line>\d{{1,7}})",
    marks=(".java:", ".kt:", ".scala:"),
)
_JAVA_FRAME = pattern(
    r"\bat (?P<where>[\w.$]{1,300})\((?P<file>\w{1,100}\.(?:java|kt|scala)):(?P<line>\d{1,7})\)",
    marks=(".java:", ".kt:", ".scala:"),
)

# Not the user's program: packages, the language's own library, Pulumi's hosts and SDKs.
_FOREIGN = pattern(
    r"node_modules|site-packages|dist-packages|[/\\]lib[/\\]python\d|^<frozen|^<string>|^node:"
    r"|internal[/\\](?:modules?|process|timers)|pulumi-language-|[/\\]go[/\\]pkg[/\\]mod[/\\]"
    r"|[/\\]work[/\\]pulumi(?:-[\w-]{1,60})?[/\\]|github\.com[/\\]pulumi[/\\]"
    r"|[/\\]usr[/\\]local[/\\]go[/\\]|[/\\](?:hostedtoolcache|libexec)[/\\]|[/\\]src[/\\](?:runtime|internal|sync|reflect)[/\\]|^sdk-v\d[/\\]|^/_/|^runpy\.py$"
    r"|@pulumi[/\\]|[/\\]\.(?:sst|pulumi|yarn|pnpm)[/\\]|[/\\]pulumi[/\\](?:runtime|resource)|^(?:module|bootstrap_node|vm|events|timers|net|fs)\.js$|\.m2[/\\]|\.nuget[/\\]|^provider\d?\.go$"
)
_FOREIGN_JAVA = (
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.pulumi.",
    "io.grpc.",
    "com.google.",
    "kotlin.",
)
_MOST_PLACES: Final = 200
_IMPORT_FAILED = pattern(
    r"(?m)^\s*(?:ModuleNotFoundError|ImportError): ",
    marks=("Error: ",),
)


def find_location(message: str) -> SourceLocation | None:
    """The innermost place in the user's program that the message names, or None.

    Python prints the innermost frame last, the others first. A failed Python import of which no frame
    is the user's is reported where the import statement is, in a package.
    """
    text = message if len(message) <= 2 * _CAP else f"{message[:_CAP]}\n{message[-_CAP:]}"
    return next((place for reader in _READERS if (place := reader(text))), None)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[SourceLocation]:
    for count, match in enumerate(pattern.finditer(text)):
        if count >= _MOST_PLACES:
            return
        file = match["file"].removeprefix("file://")
        if file.endswith(".go"):
            file = file.removeprefix("./")  # the compiler's way of saying "this package"
        yield SourceLocation(file, int(match["line"]))


def _first(pattern: re.Pattern[str]) -> Callable[[str], SourceLocation | None]:
    """A reader by pattern: the first place that is in the user's program."""

    def read(text: str) -> SourceLocation | None:
        return next((p for p in _matches(pattern, text) if not _FOREIGN.search(p.file)), None)

    return read


def _python(text: str) -> SourceLocation | None:
    places = list(_matches(_PYTHON, text))
    own = [place for place in places if not _FOREIGN.search(place.file)]
    if not own and _IMPORT_FAILED.search(text):
        own = [p for p in places if not p.file.startswith("<") and "/importlib/" not in p.file]
    return own[-1] if own else None


def _java(text: str) -> SourceLocation | None:
    inner = text.rfind("Caused by: ")
    for match in (*_JAVA_FRAME.finditer(text[max(inner, 0) :]), *_JAVA_FRAME.finditer(text)):
        if not match["where"].startswith(_FOREIGN_JAVA):
            return SourceLocation(match["file"], int(match["line"]))
    return None


_READERS: Final = (
    _first(_YAML),
    _python,
    _first(_DOTNET_BUILD),
    _first(_DOTNET_FRAME),
    _first(_TYPESCRIPT),
    _java,
    _first(_JAVA_BUILD),
    _first(_GO),
    _first(_NODE),
    _first(_CAPTURED),
    _first(_YAML_COLON),
)
