"""The forms of lines about failures: an exception, a stack frame, an error that no word announces.

Works on the grammar of languages, tools and providers. Must not know which line states a cause.
"""

from __future__ import annotations

from typing import Final

from upshot.text import pattern

INTERRUPT: Final = r"(?:\^C|SIG[A-Z]{2,6}) received; cancelling"
"""What the CLI prints when a signal stops it, in a pattern (shipped client)."""
LINE_CAP: Final = 2_000
"""Characters of a line that are read."""

# A bridged provider logs an error before it returns it: `sdk-v2/provider2.go:572:
# sdk.helper_schema: creating … : provider=aws@7.9.0` (shipped bridge).
_LOGGED = pattern(
    r"[\w./-]{1,60}\.go:\d{1,6}: (?:sdk\.\w{1,40}: )?(?P<text>.+?)(?:: provider=[\w-]{1,60}@\S{1,60})?"
)
_LOG_PLACE: Final = 80
# Where an error was raised, in the forms of the languages; rules, carets and margins around it.
FRAME = pattern(
    r"(?:at .{1,400}[(:]|at [\w.<>`$ ]+$|File \"[^\"]{1,400}\"|# [\w./-]+$|goroutine \d+|\[signal SIG"
    r"|(?:[A-Za-z]:)?[^\s:]{1,400}\.\w{1,5}:\d+(?::\d+)?:?$|\S{1,400}\.go:\d+ \+0x"
    r"|[\w./()*-]{1,200}\.[\w.()*]{1,100}\((?:0x[0-9a-f]|\{0x|\.\.\.\)|\)$)"
    r"|={3,}\s*$|-{3,}\s*$|\^+~*\s*$|~+\^|# *$|<--- \w|\.\.\.( \d+ more)?$|\|? *\d* *\|)"
)
CHAIN = pattern(r"(?:---> |[Cc]aused by: |(?:Underlying|Original|Inner) [Ee]rror: )(?P<text>.+)")
RAISED = pattern(
    r"(?:Unhandled exception[.:] |Exception in thread \"[^\"\n]{1,80}\" )?(?:[A-Za-z_][\w$]{0,80}(?:[.+][\w$]{1,80}){0,12}\.)?[A-Z]\w{0,80}(?:Error|Exception|Exit|Fault|Warning)\b"
    r"(?: ?\[[\w-]+\])?(?:: .*|:?$)|(?:Exception|Error|panic|FATAL ERROR|fatal error): \S"
)
STRONG = pattern(
    r"FATAL ERROR|\bSIG[A-Z]{2,6}\b|\bpanic:|[\w.]+(?:Error|Exception)\b|\berror\b|undefined|"
    r"cannot |can't |could not|not found|no required|missing|unknown |failed|denied|invalid|"
    r"\bError: |\bsignal: \w|Failed to|[Uu]nable to|No such |(?:does|do) not exist|doesn't exist|refus(?:ed|ing)|violat(?:es|ed)|"
    r"no such host|no \w{3,20} left\b|did not |timed out|no [\w ]{1,40} '[^'\n]{1,100}' found|"
    r"\.\w{1,4}[:(]\d+[:,]\d+",
)
# Why a Pod is not ready: more specific than that it or its controller is not.
POD_REASON = pattern(
    r"\[(?:ImagePullBackOff|ErrImagePull|InvalidImageName|CrashLoopBackOff|Unschedulable|OOMKilled"
    r"|Create(?:Container\w{0,20}|Pod\w{0,20})Error|RunContainerError|FailedScheduling|Evicted"
    r"|FailedMount|NodeNotReady|ContainerCannotRun)\]",
    marks=("]",),
)
# An error without the word: a provider's own message, an API's, a compiler's, the kernel's.
_BARE = pattern(
    r".{3,1500}: provider=[\w-]{1,60}@\d\S{0,40}$"
    r"|(?:creat|updat|delet|read|import|refresh|replac)ing urn:pulumi:\S{1,1000}: \S"
    r"|Detected that \S{1,300} exited prematurely\.$"
    r"|(?:Preview|Update|Destroy|Refresh|Plan apply) failed: \S"
    r"|An error occurred while \w{4,12}ing the (?:preview|plan|update|destroy|refresh): \S"
    r"|.{0,300}\bapi error [A-Z]\w{2,80}\b"
    r"|resource \S{1,300} was not successfully \w{6,8} by the Kubernetes API server ?: \S"
    r"|unhandled rejection: \S"
    r"|.{0,300}\binvocation of \S{1,200} returned an error: \S"
    r"|.{0,300}\b\d{1,3} errors? occurred:$"
    r"|[A-Za-z][\w:./+-]{3,200} resource '[^'\n]{1,200}' has a problem: \S"
    r"|(?:.{0,200}: )?googleapi: (?:Error [45]\d\d|got HTTP response code [45]\d\d)"
    r"|(?:.{0,200}: )?(?:rpc error: )?code ?= ?(?!Canceled|OK)[A-Z]\w{2,30} desc ?= ?"
    r"|(?:.{0,200}: line \d{1,6}: +\d{1,8} )?(?:Killed|Segmentation fault|Aborted|Bus error)\b"
    r"(?: {2,}|(?: \(core dumped\))?$)|signal: killed$"
    r"|(?:##\[error\])?(?:Error: )?Process completed with exit code 137\b"
    r"|\S{1,300}\.(?:tsx?|cs|fs|vb)\(\d{1,7},\d{1,5}\): error [A-Z]{2,6}\d{2,6}: "
    r"|(?:\./)?[\w./-]{1,300}\.go:\d{1,7}:\d{1,5}: \S"
    r"|(?:\[ERROR\] )?\S{1,300}\.(?:java|kt|scala):(?:\[\d{1,7},\d{1,5}\]|\d{1,7}: error:) ?\S",
    marks=(
        " occurred", "has a problem: ", "exited prematurely", "ing urn:pulumi:", " failed: ", "provider=", "api error ", "returned an error: ", "API server",
        "unhandled rejection: ", "googleapi: ", "code = ", "code=",
        "illed", "Segmentation fault", "Aborted", "Bus error", "code 137", ".go:", "): error ", ".java:",
        ".kt:", ".scala:",
    ),
)  # fmt: skip


def is_bare_error(line: str) -> bool:
    """Whether a line is an error that no severity announces, by its form alone."""
    return bool(_BARE.match(line))


def is_exception(line: str) -> bool:
    """Whether a line is an exception as a language host prints it (`TypeError: …`)."""
    line = line.strip()[:LINE_CAP]
    return bool(RAISED.match(line) or CHAIN.match(line))


def is_frame(line: str) -> bool:
    """Whether a line is part of a stack trace or points at source code."""
    return bool(FRAME.match(line.strip()[:LINE_CAP]))


def sounds_like_failure(line: str) -> bool:
    """Whether a line holds a word for failure: no proof, as programs print such words, too."""
    return bool(STRONG.search(line[:LINE_CAP]))


def is_panic(text: str) -> bool:
    """Whether printed text reports a crash."""
    return any(word in text for word in ("panic: ", "fatal error: ", "SIGSEGV"))


def without_log_prefix(line: str) -> str:
    """The text of a line that a bridged provider logged, without source file and provider."""
    logged = _LOGGED.fullmatch(line) if ".go:" in line[:_LOG_PLACE] else None
    return logged["text"] if logged else line
