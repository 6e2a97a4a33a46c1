"""Append-only log of what happened, and how apps learn of each other."""
