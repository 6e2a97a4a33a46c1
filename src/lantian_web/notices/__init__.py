"""Notices to chat groups and mail: a queue in the registry, and a courier of its own that empties it."""
