"""`with:` as the runner passes it: defaults of action.yml, expressions evaluated, INPUT_ names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_EXPRESSION: Final = re.compile(r"\$\{\{\s*([A-Za-z_.()-]+)\s*\}\}")


def read_defaults(action: Path) -> dict[str, str]:
    """Default of each input that the action declares."""
    import yaml

    declared = yaml.safe_load(action.read_text(encoding="utf-8"))["inputs"]
    return {name: str(about.get("default", "")) for name, about in declared.items()}


def evaluate(text: str, values: Mapping[str, str]) -> str:
    """The text with each `${{ name }}` replaced by its value.

    Raises `KeyError` for a name that has none.
    """
    return _EXPRESSION.sub(lambda match: values[match[1]], text)


def input_variables(inputs: Mapping[str, str]) -> dict[str, str]:
    """`pulumi-access-token` -> `INPUT_PULUMI-ACCESS-TOKEN`; hyphens stay (actions/runner)."""
    return {f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()}
