"""Mines error codes from published models, and says what share of them the catalogue classifies.

    python -m tools.mine_codes --from FOLDER --kubernetes MODULE     # writes tests/corpus/codes.json
    python -m tools.mine_codes                   # judges it, without the packages

FOLDER is where `pip install --target FOLDER botocore azure-storage-blob googleapis-common-protos`
put them, MODULE is where `go mod download -json k8s.io/apimachinery@VERSION` says that it lies; none
of them is a dependency of the project. Only codes, HTTP statuses, source and version
are kept: facts, no sentences.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from upshot.evidence import diagnose
from upshot.model import Facts, Failure, Outcome

ROOT: Final = Path(__file__).resolve().parents[1]
CODES: Final = ROOT / "tests" / "corpus" / "codes.json"

PAGE: Final = ROOT / "docs" / "evaluation.md"
_BLOCK: Final = re.compile(r"(<!-- codes -->\n).*?(<!-- /codes -->)", re.DOTALL)

# gRPC's codes and the HTTP statuses that google.rpc.Code names for them in its own comments.
_GRPC: Final = {
    "INVALID_ARGUMENT": 400, "DEADLINE_EXCEEDED": 504, "NOT_FOUND": 404, "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403, "UNAUTHENTICATED": 401, "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400, "ABORTED": 409, "OUT_OF_RANGE": 400, "UNIMPLEMENTED": 501,
    "INTERNAL": 500, "UNAVAILABLE": 503, "DATA_LOSS": 500,
}  # fmt: skip

AGREES: Final[Mapping[int, frozenset[str]]] = {
    401: frozenset({"missing-credentials", "permission-denied"}),
    402: frozenset({"quota-capacity"}),
    403: frozenset({
        "permission-denied", "missing-credentials", "api-not-enabled", "quota-capacity",
        "operation-conflict", "policy-violation",
    }),
    404: frozenset({"not-found"}),
    405: frozenset({"invalid-value", "permission-denied"}),
    408: frozenset({"network-error", "service-error"}),
    409: frozenset({
        "already-exists", "operation-conflict", "dependency-violation", "not-ready",
        "quota-capacity", "eventual-consistency", "invalid-value",
    }),
    410: frozenset({"not-found", "operation-conflict"}),
    412: frozenset({"operation-conflict", "invalid-value"}),
    413: frozenset({"invalid-value", "quota-capacity"}),
    424: frozenset({
        "dependency-violation", "service-error", "invalid-value", "network-error",
        "operation-conflict",
    }),
    429: frozenset({"service-error", "quota-capacity"}),
    501: frozenset({"invalid-value", "service-error"}),
}  # fmt: skip
"""HTTP status -> classes that agree with it; 400 and others below 500 say too little to judge by."""
_SERVER: Final = frozenset(
    {"service-error", "quota-capacity", "not-ready", "network-error", "operation-conflict"}
)


class Source(Struct, frozen=True):
    """Codes of one publisher; each with the HTTP statuses that its models give, perhaps none."""

    package: str
    version: str
    provider: str
    codes: dict[str, list[int]]


class Share(Struct, frozen=True):
    """How the catalogue does on one source; shares are between 0 and 1."""

    codes: int
    classified: float
    judged: int
    """Codes with a status that says more than that the request was bad."""
    agree: float


def mine(folder: Path) -> dict[str, Source]:
    """Every source whose package is in the folder."""
    found = {"AWS": (_aws, "botocore", "aws"), "Azure Storage": (_azure, "azure-storage-blob", "azure-native"),
             "Google": (_google, "googleapis-common-protos", "gcp")}  # fmt: skip
    return {
        name: Source(
            package, _version(folder, package), provider, dict(sorted(read(folder).items()))
        )
        for name, (read, package, provider) in found.items()
    }


def judge(source: Source) -> tuple[Share, list[str]]:
    """The shares, and the codes without a class or with one that disagrees."""
    missed: list[str] = []
    classified = judged = agreed = 0
    for code, statuses in source.codes.items():
        found = class_of(code, statuses[0] if statuses else None, source.provider)
        classified += found != "unclassified"
        telling = [status for status in statuses if status in AGREES or status >= 500]  # noqa: PLR2004
        judged += bool(telling)
        is_right = not telling or any(found in AGREES.get(s, _SERVER) for s in telling)
        agreed += bool(telling) and is_right
        if found == "unclassified" or not is_right:
            missed.append(f"{code} {statuses}: {found}")
    total = max(1, len(source.codes))
    share = Share(len(source.codes), classified / total, judged, agreed / max(1, judged))
    return share, missed


def class_of(code: str, status: int | None, provider: str) -> str:
    """The class of a failure of which only the code and the HTTP status are known."""
    http = f"https response error StatusCode: {status}, RequestID: 1, " if status else ""
    text = f"operation error: {http}api error {code}: it did not work"
    failure = Failure(
        message=text, headline=text, provider=provider, error_code=code, status_code=status,
        type=f"{provider}:x/y:Z", operation="create",
    )  # fmt: skip
    return diagnose(Facts(outcome=Outcome.FAILED, failures=(failure,))).failure_class


def load() -> dict[str, Source]:
    return msgspec.json.decode(CODES.read_bytes(), type=dict[str, Source])


def render(shares: Mapping[str, tuple[Source, Share]]) -> str:
    """A Markdown table."""
    lines = ["| Source | Codes | With a class | Agrees with its own HTTP status |", "|---|---:|---:|---:|"]  # fmt: skip
    for name, (source, share) in shares.items():
        agree = f"{100 * share.agree:.1f} % of {share.judged}" if share.judged else "no status"
        lines.append(
            f"| {name} (`{source.package}` {source.version}) | {share.codes} "
            f"| {100 * share.classified:.1f} % | {agree} |"
        )
    return "\n".join(lines) + "\n"


def _aws(folder: Path) -> dict[str, list[int]]:
    """Of each service's newest model: error shapes, by code. The status that most services give
    comes first.
    """
    newest: dict[str, Path] = {}
    for path in sorted(folder.glob("botocore/data/*/*/service-2.json*")):
        newest[path.parent.parent.name] = path
    found: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for path in newest.values():
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for code, status in _errors(json.loads(raw)):
            found[code].update([status] if status else [])
    return {code: [status for status, _ in count.most_common()] for code, count in found.items()}


def _errors(model: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, shape in model["shapes"].items():
        error = shape.get("error", {})
        if shape.get("exception") or "code" in error:
            yield (
                error.get("code", name),
                error.get("httpStatusCode") or 500 * bool(shape.get("fault")),
            )


def _azure(folder: Path) -> dict[str, list[int]]:
    text = (folder / "azure/storage/blob/_shared/models.py").read_text(encoding="utf-8")
    body = text.partition("class StorageErrorCode")[2].partition("\nclass ")[0]
    return {code: [] for code in re.findall(r'= "([A-Za-z]{3,80})"', body)}


def _google(folder: Path) -> dict[str, list[int]]:
    names = re.findall(
        r"^  ([A-Z_]{3,60}) = \d",
        (folder / "google/rpc/code.proto").read_text("utf-8"),
        re.MULTILINE,
    )
    reasons = (folder / "google/api/error_reason.proto").read_text("utf-8")
    found = {name: [_GRPC[name]] for name in names if name in _GRPC}
    return found | {n: [] for n in re.findall(r"^  ([A-Z_]{3,60}) = [1-9]", reasons, re.MULTILINE)}


def mine_kubernetes(module: Path) -> Source:
    """The reasons of `metav1.Status`; the comment above each names its HTTP status."""
    text = (module / "pkg/apis/meta/v1/types.go").read_text(encoding="utf-8")
    found: dict[str, list[int]] = {}
    for comment, reason in re.findall(
        r"((?:\t//[^\n]*\n)+)\tStatusReason\w+ StatusReason = \"(\w+)\"", text
    ):
        found[reason] = [int(code) for code in re.findall(r"Status code:? (\d{3})", comment)]
    package, _, version = module.name.partition("@")
    return Source(f"k8s.io/{package}", version, "kubernetes", dict(sorted(found.items())))


def _version(folder: Path, package: str) -> str:
    info = next(folder.glob(f"{package.replace('-', '_')}-*.dist-info"))
    return info.name.removesuffix(".dist-info").rpartition("-")[2]


def write_docs(table: str, page: Path = PAGE) -> None:
    """Puts the table between its markers."""
    text = page.read_text(encoding="utf-8")
    page.write_text(_BLOCK.sub(lambda m: f"{m[1]}{table}{m[2]}", text), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="folder", type=Path)
    parser.add_argument("--kubernetes", type=Path)
    parser.add_argument("--misses", action="store_true", help="list the codes that are wrong")
    parser.add_argument("--write-docs", action="store_true", help="update docs/evaluation.md")
    options = parser.parse_args(arguments)
    if options.folder:
        sources = mine(options.folder)
        if options.kubernetes:
            sources["Kubernetes"] = mine_kubernetes(options.kubernetes)
        CODES.write_bytes(msgspec.json.encode(sources) + b"\n")
    judged = {name: (source, judge(source)) for name, source in load().items()}
    table = render({name: (source, share) for name, (source, (share, _)) in judged.items()})
    print(table)
    if options.write_docs:
        write_docs(table)
    for _, (_, missed) in judged.values():
        print("\n".join(missed) if options.misses else f"{len(missed)} missed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
