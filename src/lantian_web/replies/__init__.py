"""Replies of the work chats."""
