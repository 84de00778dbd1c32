"""The report of a gate: what is asked, the line to paste, who may, until when, and who has so far."""
