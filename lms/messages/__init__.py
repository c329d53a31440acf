"""Reminders, notices and digests: what is said to whom and when, and the outbox that sends it."""
