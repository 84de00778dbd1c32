"""Powabase's workflow builder: its wire on the shared transport, and workflow graphs as values."""
