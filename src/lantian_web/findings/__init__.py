"""Proposals of the rules and what people said of them."""
