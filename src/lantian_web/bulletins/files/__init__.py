"""Layouts of papers for the PDF maker."""
