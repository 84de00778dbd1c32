"""What the workflow's author asked for: `parse_inputs(env, workspace) -> Inputs`."""

from upshot.inputs.parse import parse_inputs
from upshot.inputs.values import Inputs

__all__ = ["Inputs", "parse_inputs"]
