"""What failed, and which of its texts states the cause."""
