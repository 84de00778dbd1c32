"""Which of several steps a message of no resource is about, by the words of providers. Pure.

`--diff` prints a step when it begins and not when it ends: what the message says of a name, a type or a
call tells them apart. Must not know of lines and runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.evidence.failure.failures import Named
from upshot.text import pattern

Step = tuple[Named, str]
"""A resource, and the operation that has begun on it."""

_PROVIDER: Final = "pulumi:providers:"
_MOST_WEIGHED: Final = 200
"""Steps side by side, above which only a name counts: each is compared with every message."""
_NAMED_WITHIN: Final = 800
"""Characters of a message: further on it says what to do."""
# A provider names an object by what it is called there, often with a suffix of Pulumi's: in
# parentheses or quotation marks, or at the end of a path.
_MARKED = pattern(
    r"(?:(?<=[(\"'/])|(?<=\bfor ))(?P<name>[^()\s\"'/:](?:[^()\n\"'/:]{0,200}?[^()\s\"'/:])?)"
    r"(?:-[0-9a-f]{7})?(?=[)\"'/:\s])"
)
# `deleting EC2 Security Group (sg-1): `, as the AWS provider begins.
_DOING = pattern(
    r"(?:\W{0,4}\d{1,4} errors? occurred:\s{1,9}\* )?(?P<verb>creat|updat|delet|read|import)ing "
    r"(?P<what>[A-Z][\w ]{0,80}?)(?: \([^()\n]{1,200}\))?: "
)
# `Error waiting for instance to create: `, `Unable to start container: `, as others begin.
_ABOUT = pattern(
    r"(?:\W{0,4}\d{1,4} errors? occurred:\s{1,9}\* )?(?:Preview failed: )?"
    r"(?:[Ee]rror,? (?:failed to )?|[Ff]ailed (?:to )?|[Uu]nable to |[Cc]ould not |[Cc]annot )"
    r"(?!find|get |look)[a-z]{3,20} (?:(?:for|the|an?|new) ){0,3}(?P<what>[A-Za-z][\w ]{1,60}?)"
    r"(?= to | because |[:.(\"'\n]| \W)"
)
# The call that a service refused: AWS names the operation, Google the API.
_CALL = pattern(
    r"\boperation error [\w ]{2,40}: (?P<call>[A-Z]\w{2,60})\b"
    r"|\b(?P<api>[a-z]{2,40})\.googleapis\.com\b(?! )"
)
# What a provider says that cannot be configured (shipped bridge, classic providers).
_OF_PROVIDER = pattern(
    r"(?i:\bcredentials?\b[^\n]{0,40}\b(?:configured|not set)\b|\bvalidat\w{1,4} [^\n]{0,40}\bcredentials\b|configure provider"
    r"|\bread kubeconfig)"
)
_OF_VERB: Final = {
    "creat": frozenset({"create", "create-replacement", "replace"}),
    "updat": frozenset({"update"}),
    "delet": frozenset({"delete", "delete-replaced", "replace"}),
    "read": frozenset({"create", "update", "read", "replace", "import"}),
    "import": frozenset({"import"}),
}
# What an import asks for, by its identifier (shipped engine).
_NOT_THERE = pattern(r"(?:Preview failed: )?resource '[^'\n]{1,1000}' does not exist\b")
# What a message says of an object that it looked for: the failed one needs it.
_SOUGHT = pattern(r"\b(?:find|found|not exist)\b")
_WORDS = pattern(r"[^\s\"'(),:]+")
_HUMPS = pattern(r"[A-Z][a-z0-9]*|[a-z0-9]+")
_SHORT_WORD: Final = 3
"""Letters up to which a word of a type says nothing by itself."""


def steps_meant(begun: Sequence[Step], message: str) -> list[Step]:
    """The steps that the message may be about, of those that have begun, the last of them last.

    One is a sure answer; several or none are not.
    """
    message = message[:_NAMED_WITHIN]
    if _OF_PROVIDER.search(message):
        # Which one, the message says by its package; another may be a default one, which has no step.
        said = message.lower()
        providers = [each for each in begun if each[0].type.startswith(_PROVIDER)]
        return [each for each in providers if each[0].type.removeprefix(_PROVIDER) in said]
    begun = [each for each in begun if not each[0].type.startswith(_PROVIDER)]
    if _NOT_THERE.match(message):
        return [each for each in begun if each[1] == "import"]
    doing = _DOING.match(message)
    if doing:
        begun = [each for each in begun if each[1] in _OF_VERB[doing["verb"]]]
    name = _last_of_path(message, {resource.name for resource, _ in begun})
    named = [each for each in begun if each[0].name == name]
    if len(named) == 1 or len(begun) > _MOST_WEIGHED:
        return named or begun
    # `creating IAM Role (shop)`: its type says which one, where several have the name, or none.
    what = (doing["what"] if doing else message.partition("(")[0]).lower()
    typed = [each for each in (named or begun) if what.endswith(_words_of(each[0].type))]
    if (doing or named) and len(typed) == 1:
        return typed
    typed = _of_type_and_name(begun, message) or _of_call(begun, message)
    return named or typed or _last_of(begun, message) or begun


def _of_type_and_name(begun: Sequence[Step], message: str) -> list[Step]:
    """The only step whose type the message's first clause is about; of several the one it names."""
    about = _ABOUT.match(message)
    what = about["what"].lower() if about else ""
    typed = [each for each in begun if what.endswith(_words_of(each[0].type))]
    if not typed[1:]:
        return typed
    words = set(_WORDS.findall(message))
    return [each for each in typed if each[0].name in words]


def _of_call(begun: Sequence[Step], message: str) -> list[Step]:
    """The steps whose type the refused call is about: `CreateBucket`, or its API: `container`."""
    refused = _CALL.search(message)
    if refused is None:
        return []
    if refused["api"]:
        return [each for each in begun if _module_of(each[0].type) == refused["api"]]
    call = refused["call"].lower()
    return [each for each in begun if call.endswith(_words_of(each[0].type).replace(" ", ""))]


def _last_of(begun: Sequence[Step], message: str) -> list[Step]:
    """The last step, where the message says more of its name, type or module than of any other's.

    Steps take their time: what failed is seldom older than the others, and a message often holds words of
    what it needs.
    """
    if _SOUGHT.search(message):
        return []
    said = f" {' '.join(_HUMPS.findall(message))} ".lower()
    marks = [_said_of(resource, said) for resource, _ in begun]
    is_best = bool(marks) and marks[-1] > max(marks[:-1], default=0)
    return [begun[-1]] if is_best else []


def _said_of(resource: Named, said: str) -> int:
    """How much of a resource the words of a message name."""
    words = _words_of(resource.type).split()
    parts = sum(f" {word} " in said for word in words if len(word) > _SHORT_WORD)
    return (
        4 * (f" {' '.join(_HUMPS.findall(resource.name)).lower()} " in said)
        + 2 * (f" {' '.join(words)} " in said)
        + (f" {_module_of(resource.type)} " in said)
        + (parts > 0)
    )


def _module_of(type_token: str) -> str:
    """`container` of `gcp:container/cluster:Cluster`."""
    return type_token.partition(":")[2].partition(":")[0].partition("/")[0]


def _last_of_path(message: str, names: set[str]) -> str:
    """The first of the names that the message marks; of those in one path the last: `space/pod`."""
    found = [m for m in _MARKED.finditer(message) if m["name"] in names]
    last = found[0] if found else None
    for match in found[1:]:
        if last is None or any(map(str.isspace, message[last.end() : match.start()])):
            break
        last = match
    return last["name"] if last else ""


def _words_of(type_token: str) -> str:
    """`aws:ec2/securityGroup:SecurityGroup` as providers say it: `security group`."""
    return " ".join(_HUMPS.findall(type_token.rpartition(":")[2])).lower()
