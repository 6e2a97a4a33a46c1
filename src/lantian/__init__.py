"""Lantian: the pure library of the loop. No clock, no randomness, no I/O: `now`, `seed`, `on` are arguments."""
