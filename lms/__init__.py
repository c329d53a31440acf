"""Pelita: self-paced learning for civil servants. Importing this package loads nothing; each capability is imported by name."""
