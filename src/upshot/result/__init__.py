"""What programs read: the `result` and all outputs."""

from upshot.result.build import Ending, build_result
from upshot.result.outputs import output_values

__all__ = ["Ending", "build_result", "output_values"]
