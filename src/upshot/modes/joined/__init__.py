"""One report of several: kept in files, read back, joined, published."""
