"""Compiles all of Upshot's templates, beside them. Raises OSError."""

from __future__ import annotations

from upshot.report.templating.compiled import CompiledTemplates
from upshot.report.templating.sandbox import make_environment

if __name__ == "__main__":
    environment = make_environment(CompiledTemplates(may_write=True))
    for name in environment.list_templates():
        environment.get_template(name)
