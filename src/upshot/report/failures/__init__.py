"""What failed: the cause in words, equal failures together, and a picture of what led to what."""
