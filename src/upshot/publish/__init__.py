"""Where the report goes: comment, job summary, annotations, outputs, commit status.

The only room that speaks to GitHub. Publishers take finished text and return a `Receipt`; a fault
of GitHub's never leaves them as an exception.
"""
