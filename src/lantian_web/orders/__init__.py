"""Warnings, decisions and one order per plant."""
