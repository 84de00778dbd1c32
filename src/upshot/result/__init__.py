"""What a run ends with, and what programs read of it: the `result` and all outputs."""

from upshot.result.build import build_document
from upshot.result.outputs import output_names, output_values
from upshot.result.run_result import RunResult

__all__ = ["RunResult", "build_document", "output_names", "output_values"]
