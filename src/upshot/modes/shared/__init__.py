"""What several modes share: evidence, question, look-up, report, files."""
