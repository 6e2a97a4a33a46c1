"""Findings: what is not as it must be, judged by dated rules, three-valued, with the rows that show it."""
