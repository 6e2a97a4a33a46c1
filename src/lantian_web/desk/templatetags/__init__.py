"""Template tags that a page loads by name."""
