"""Markdown folders become checked, immutable course editions."""
