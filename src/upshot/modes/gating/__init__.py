"""The parts of mode `gate`."""
