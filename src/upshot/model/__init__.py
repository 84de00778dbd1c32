"""The domain's words: frozen values, shared by every room, without input or output.

msgspec structs instead of dataclasses: 40 of them cost 0.3 ms at import instead of 12 ms, on the
path to the first AI request (docs/decisions/0002-libraries.md). Text fields hold untrusted text
as it was read, without colour codes; whoever shows it makes it safe first (`report`).
"""

from upshot.model.asking import (
    Answer,
    ApprovalRequest,
    BackendName,
    EvidenceText,
    NoAnswer,
    Program,
    Purpose,
    Question,
    Reply,
    TaskState,
    TaskStatus,
    Todo,
)
from upshot.model.engine import (
    Diagnosis,
    EngineWarning,
    Facts,
    Failure,
    Outcome,
    PolicyViolation,
    PropertyChange,
    PropertyChangeKind,
    ResourceChange,
    SourceLocation,
    StackOutput,
    StackRef,
    Subject,
    UpdateKind,
)
from upshot.model.operations import Meaning
from upshot.model.stamp import Section, Stamp
from upshot.model.telling import (
    PullRequest,
    Receipt,
    ReceiptStatus,
    Run,
)
from upshot.model.verdict import (
    Breach,
    ReasonCode,
    RiskLevel,
    Verdict,
    VerdictStatus,
)

__all__ = [
    "Answer",
    "ApprovalRequest",
    "BackendName",
    "Breach",
    "Diagnosis",
    "EngineWarning",
    "EvidenceText",
    "Facts",
    "Failure",
    "Meaning",
    "NoAnswer",
    "Outcome",
    "PolicyViolation",
    "Program",
    "PropertyChange",
    "PropertyChangeKind",
    "PullRequest",
    "Purpose",
    "Question",
    "ReasonCode",
    "Receipt",
    "ReceiptStatus",
    "Reply",
    "ResourceChange",
    "RiskLevel",
    "Run",
    "Section",
    "SourceLocation",
    "StackOutput",
    "StackRef",
    "Stamp",
    "Subject",
    "TaskState",
    "TaskStatus",
    "Todo",
    "UpdateKind",
    "Verdict",
    "VerdictStatus",
]
