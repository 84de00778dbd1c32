"""Runs that end well, by what they change and by the options that they are started with."""

from __future__ import annotations

from typing import Final

from tools.judges.cli.programs.basics import JOBS
from tools.judges.cli.programs.forms import (
    BUCKET,
    DATABASE,
    QUEUE,
    ROLE,
    UP,
    Run,
    good,
    made,
    one,
    series,
    then,
    urn,
)

_REFRESH: Final = "refresh --yes --skip-preview"
_DESTROY: Final = "destroy --yes --skip-preview"
_OLD: Final = {"assets": made(BUCKET, value="1"), "jobs": made(QUEUE, value="1")}
_NEW: Final = {"assets": made(BUCKET, value="2"), "jobs": made(QUEUE, value="1")}
_DRIFTED: Final = {
    "assets": made(BUCKET, value="a", drift="changed"),
    "jobs": made(QUEUE, value="1"),
}
_SWAP: Final = {"jobs": made(QUEUE, replace="1")}
_SWAPPED: Final = {"jobs": made(QUEUE, replace="2")}
_MIXED: Final = {
    "kept": made(BUCKET, value="1"),
    "changed": made(BUCKET, value="1"),
    "swapped": made(QUEUE, replace="1"),
    "dropped": made(ROLE, value="1"),
}
_MIXED_AFTER: Final = {
    "kept": made(BUCKET, value="1"),
    "changed": made(BUCKET, value="2"),
    "swapped": made(QUEUE, replace="2"),
    "added": made(DATABASE, value="1"),
}
_SEEN_ERRORS: Final = (
    "error: update failed\nResources:\n    1 errored\n\nDuration: 3s\n"
    "Diagnostics:\n  aws:s3:Bucket (assets):\n    error: creating S3 Bucket: AccessDenied\n"
)

CHANGES: Final = (
    then("fine-update", _OLD, Run(resources=_NEW), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-update-diff", _OLD, Run(resources=_NEW, command=f"{UP} --diff"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-update-json", _OLD, Run(resources=_NEW, command=f"{UP} --json"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-update-terminal", _OLD, Run(resources=_NEW, command="up --yes", terminal=True), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-delete-in-update", _OLD, Run(resources={"assets": made(BUCKET, value="1")}), good(replaced=(), deleted=("jobs",), counts={"delete": 1})),
    then("fine-delete-in-update-diff", _OLD, Run(resources={"assets": made(BUCKET, value="1")}, command=f"{UP} --diff"), good(replaced=(), deleted=("jobs",), counts={"delete": 1})),
    then("fine-mixed", _MIXED, Run(resources=_MIXED_AFTER), good(replaced=("swapped",), deleted=("dropped",), counts={"create": 1, "update": 1, "delete": 1, "replace": 1})),
    then("fine-mixed-with-preview", _MIXED, Run(resources=_MIXED_AFTER, command="up --yes"), good(replaced=("swapped",), deleted=("dropped",), counts={"create": 1, "update": 1, "delete": 1, "replace": 1})),
    then("fine-mixed-diff", _MIXED, Run(resources=_MIXED_AFTER, command="up --yes --diff"), good(replaced=("swapped",), deleted=("dropped",), counts={"create": 1, "update": 1, "delete": 1, "replace": 1})),
    then("fine-mixed-json", _MIXED, Run(resources=_MIXED_AFTER, command=f"{UP} --json"), good(replaced=("swapped",), deleted=("dropped",), counts={"create": 1, "update": 1, "delete": 1, "replace": 1})),
    then("fine-mixed-terminal", _MIXED, Run(resources=_MIXED_AFTER, command="up --yes", terminal=True), good(replaced=("swapped",), deleted=("dropped",), counts={"create": 1, "update": 1, "delete": 1, "replace": 1})),
    then("fine-replacement-steps", _SWAP, Run(resources=_SWAPPED, command=f"{UP} --show-replacement-steps"), good(replaced=("jobs",), deleted=(), counts={"replace": 1})),
    then("fine-replace-flag", _OLD, Run(resources=_OLD, command=f"{UP} --replace {urn(QUEUE, 'jobs')}"), good(replaced=("jobs",), deleted=(), counts={"replace": 1})),
    then("fine-replace-on-changes", {"jobs": made(QUEUE, value="1", options={"replaceOnChanges": ["value"]})}, Run(resources={"jobs": made(QUEUE, value="2", options={"replaceOnChanges": ["value"]})}), good(replaced=("jobs",), deleted=(), counts={"replace": 1})),
    then("fine-ignore-changes", {"jobs": made(QUEUE, value="1", options={"ignoreChanges": ["value"]})}, Run(resources={"jobs": made(QUEUE, value="2", options={"ignoreChanges": ["value"]})}), good(replaced=(), deleted=(), counts={})),
    then("fine-renamed", {"jobs": made(QUEUE, value="1")}, Run(resources={"tasks": made(QUEUE, value="1", options={"aliases": [urn(QUEUE, "jobs")]})}), good(replaced=(), deleted=(), counts={})),
    then("fine-retained", {"jobs": made(QUEUE, value="1", options={"retainOnDelete": True}), "assets": made(BUCKET)}, Run(resources={"assets": made(BUCKET)}), good(replaced=())),
    then("fine-target", _OLD, Run(resources={"assets": made(BUCKET, value="2"), "jobs": made(QUEUE, value="2")}, command=f"{UP} --target {urn(QUEUE, 'jobs')}"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-target-replace", _OLD, Run(resources=_OLD, command=f"{UP} --target-replace {urn(QUEUE, 'jobs')}"), good(replaced=("jobs",), deleted=(), counts={"replace": 1})),
    then("fine-exclude", _OLD, Run(resources={"assets": made(BUCKET, value="2"), "jobs": made(QUEUE, value="2")}, command=f"{UP} --exclude {urn(QUEUE, 'jobs')}"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-sames", _OLD, Run(resources=_NEW, command=f"{UP} --show-sames --show-reads --urns"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-colour", _MIXED, Run(resources=_MIXED_AFTER, command=f"{UP} --color always"), good(replaced=("swapped",), deleted=("dropped",), counts={"create": 1, "update": 1, "delete": 1, "replace": 1})),
    then("fine-quiet", _OLD, Run(resources=_NEW, command=f"{UP} --suppress-outputs --suppress-progress --suppress-permalink=true --color never"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-verbose", _OLD, Run(resources=_NEW, command=f"{UP} -v 3 --logtostderr"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-debug", _OLD, Run(resources=_NEW, command=f"{UP} --debug"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-up-refresh", _DRIFTED, Run(resources=_DRIFTED, command=f"{UP} --refresh"), good(replaced=(), deleted=(), counts={"update": 1})),
    then("fine-up-refresh-vanished", {"jobs": made(QUEUE, vanished=True), "assets": made(BUCKET)}, Run(resources={"jobs": made(QUEUE, vanished=True), "assets": made(BUCKET)}, command=f"{UP} --refresh"), good(replaced=(), deleted=(), counts={"create": 1})),
    then("fine-outputs-only", _OLD, Run(resources=_OLD, top={"outputs": {"where": "${jobs.value}"}}), good(replaced=(), deleted=(), counts={})),
    then("fine-outputs-only-preview", _OLD, Run(resources=_OLD, top={"outputs": {"where": "${jobs.value}"}}, command="preview"), good(kind="preview", replaced=(), deleted=(), counts={})),
    one("fine-outputs-of-errors", JOBS, good(replaced=(), deleted=(), counts={"create": 3}), top={"outputs": {"error": _SEEN_ERRORS, "Duration": "9s", "panic": "panic: no"}}),
    one("fine-outputs-of-errors-diff", {"jobs": made(QUEUE, note=_SEEN_ERRORS)}, good(replaced=(), deleted=(), counts={"create": 2}), top={"outputs": {"error": _SEEN_ERRORS}}, command=f"{UP} --diff"),
    one("fine-read", {"there": {"type": BUCKET, "get": {"id": "there"}}, "jobs": made(QUEUE, value="1")}, good(replaced=(), deleted=(), counts={"create": 2})),
    one("fine-children", {"jobs": made(QUEUE, value="1"), "inner": made(BUCKET, options={"parent": "${jobs}"}), "innermost": made(ROLE, options={"parent": "${inner}"})}, good(replaced=(), deleted=(), counts={"create": 4})),
    one("fine-provider", {"west": made("pulumi:providers:aws", region="us-west-2"), "jobs": made(QUEUE, value="1", options={"provider": "${west}"})}, good(replaced=(), deleted=())),
    one("fine-protected", {"db": made(DATABASE, options={"protect": True})}, good(counts={"create": 2})),
    one("fine-empty", {}, good(replaced=(), deleted=(), counts={"create": 1})),
    one("fine-continue", JOBS, good(counts={"create": 3}), command=f"{UP} --continue-on-error"),
    one("fine-warned-twice", {"jobs": made(QUEUE, log="warning: the property is deprecated\nerror: is not what this line is"), "assets": made(BUCKET, log="warning: connection refused, trying again")}, good(counts={"create": 3})),
    then("fine-replaced-dependents", {"jobs": made(QUEUE, replace="1", early=True), "user": made(BUCKET, replace="${jobs.replace}", early=True)}, Run(resources={"jobs": made(QUEUE, replace="2", early=True), "user": made(BUCKET, replace="${jobs.replace}", early=True)}), good(replaced=("jobs", "user"), deleted=(), counts={"replace": 2})),
    then("fine-destroy-diff", JOBS, Run(resources=JOBS, command=f"{_DESTROY} --diff"), good(kind="destroy", replaced=(), deleted=("assets", "jobs"), counts={"delete": 3})),
    then("fine-destroy-with-preview", JOBS, Run(resources=JOBS, command="destroy --yes"), good(kind="destroy", replaced=(), deleted=("assets", "jobs"), counts={"delete": 3})),
    then("fine-destroy-json", JOBS, Run(resources=JOBS, command=f"{_DESTROY} --json"), good(kind="destroy", replaced=(), deleted=("assets", "jobs"), counts={"delete": 3})),
    then("fine-destroy-terminal", JOBS, Run(resources=JOBS, command="destroy --yes", terminal=True), good(kind="destroy", replaced=(), deleted=("assets", "jobs"), counts={"delete": 3})),
    then("fine-destroy-refresh", _DRIFTED, Run(resources=_DRIFTED, command=f"{_DESTROY} --refresh"), good(kind="destroy", replaced=(), deleted=("assets", "jobs"), counts={"delete": 3})),
    then("fine-destroy-vanished", {"jobs": made(QUEUE, vanished=True), "assets": made(BUCKET)}, Run(resources={}, command=f"{_DESTROY} --refresh"), good(kind="destroy", replaced=(), deleted=("assets",), counts={"delete": 2})),
    then("fine-destroy-target", _OLD, Run(resources=_OLD, command=f"{_DESTROY} --target {urn(QUEUE, 'jobs')}"), good(kind="destroy", replaced=(), deleted=("jobs",), counts={"delete": 1})),
    then("fine-destroy-not-protected", {"db": made(DATABASE, options={"protect": True}), "jobs": made(QUEUE)}, Run(resources={}, command=f"{_DESTROY} --exclude-protected"), good(kind="destroy", replaced=(), deleted=("jobs",), counts={"delete": 1})),
    series("fine-destroy-nothing", Run(resources=JOBS), Run(resources=JOBS, command=_DESTROY), Run(resources=JOBS, command=_DESTROY), truth=good(kind="destroy", replaced=(), deleted=(), counts={})),
    then("fine-refresh-with-preview", _DRIFTED, Run(resources=_DRIFTED, command="refresh --yes"), good(kind="refresh", replaced=(), deleted=())),
    then("fine-refresh-diff", _DRIFTED, Run(resources=_DRIFTED, command=f"{_REFRESH} --diff"), good(kind="refresh", replaced=(), deleted=())),
    then("fine-refresh-json", _DRIFTED, Run(resources=_DRIFTED, command=f"{_REFRESH} --json"), good(kind="refresh", replaced=(), deleted=())),
    then("fine-refresh-terminal", _DRIFTED, Run(resources=_DRIFTED, command="refresh --yes", terminal=True), good(kind="refresh", replaced=(), deleted=())),
    then("fine-refresh-no-drift", JOBS, Run(resources=JOBS, command=f"{_REFRESH} --expect-no-changes"), good(kind="refresh", replaced=(), deleted=())),
    then("fine-expect-no-changes", JOBS, Run(resources=JOBS, command=f"{UP} --expect-no-changes"), good(replaced=(), deleted=(), counts={})),
    then("fine-import-replaces", JOBS, Run(resources={**JOBS, "assets": made(BUCKET, value="a", options={"import": "other-id"})}), good(replaced=("assets",), deleted=())),
    one("fine-import-option", {"old": made(BUCKET, value="found", options={"import": "there"})}, good(replaced=(), deleted=())),
    series("two-good-runs", Run(resources=_OLD), Run(resources=_NEW), truth=good(replaced=(), deleted=(), counts={"update": 1}), whole=True),
)  # fmt: skip
