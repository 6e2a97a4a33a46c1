"""Indicators over whole days."""
