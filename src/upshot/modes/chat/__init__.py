"""Commands in comments: what they may do, the answers, and each command's own module."""
