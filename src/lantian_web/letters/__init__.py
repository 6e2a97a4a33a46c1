"""Supervision beyond reminders, as drafts for a signer; and silences, which end by themselves."""
