"""Where the report goes: comment, job summary, annotations, outputs, commit status.

No other folder sends requests to GitHub. Publishers take finished text and return a `Receipt`; they
never raise GitHubError.
"""
