"""A second person's conclusion on an answered task."""

from lantian.verify.closure import (
    Condition,
    Mark,
    Met,
    check_closer,
    check_conditions,
    check_distance,
    conditions,
)

__all__ = ["Condition", "Mark", "Met", "check_closer", "check_conditions", "check_distance", "conditions"]
