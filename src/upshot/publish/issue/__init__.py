"""The issue that stands where there is no pull request: one for each `comment-key`."""
