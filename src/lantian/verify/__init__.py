"""A second person's conclusion on an answered task."""

from lantian.verify.closure import Condition, check_closer, closing_conditions, conclude

__all__ = ["Condition", "check_closer", "closing_conditions", "conclude"]
