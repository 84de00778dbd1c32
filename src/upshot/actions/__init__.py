"""The wire of GitHub Actions: the jobs of a workflow run and their logs, read before an AI is asked.

Not `publish.github`: that loads PyGithub, which follows redirects with the token and takes 116 ms.
"""
