"""Certificates: issued once, checkable by anyone."""
