"""Answers to commands in comments: short pages that quote what was asked."""
