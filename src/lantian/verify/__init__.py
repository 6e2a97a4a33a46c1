"""A second person's conclusion on an answered task."""

from lantian.verify.closure import check_closer

__all__ = ["check_closer"]
