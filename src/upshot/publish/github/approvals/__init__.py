"""Reads from GitHub what an approval depends on: `upshot.gate` decides by it."""
