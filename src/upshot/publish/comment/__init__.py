"""The comment on a pull request: one for each `comment-key`, kept up to date."""
