"""The programs that the real CLI runs, each with the truth that it was made for."""

from __future__ import annotations

from typing import Final

from tools.judges.cli.programs.basics import BASICS
from tools.judges.cli.programs.changes import CHANGES
from tools.judges.cli.programs.crossings import CROSSINGS
from tools.judges.cli.programs.endings import ENDINGS
from tools.judges.cli.programs.failures import FAILURES
from tools.judges.cli.programs.forms import TYPES, VERSIONS, Program, Run, Truth
from tools.judges.cli.programs.interrupts import INTERRUPTS
from tools.judges.cli.programs.policies import POLICIES
from tools.judges.cli.programs.previews import PREVIEWS
from tools.judges.cli.programs.projects import PROJECTS
from tools.judges.cli.programs.shapes import SHAPES

PROGRAMS: Final = (
    *BASICS,
    *CHANGES,
    *PREVIEWS,
    *FAILURES,
    *POLICIES,
    *PROJECTS,
    *INTERRUPTS,
    *SHAPES,
    *CROSSINGS,
    *ENDINGS,
)

__all__ = ["PROGRAMS", "TYPES", "VERSIONS", "Program", "Run", "Truth"]
