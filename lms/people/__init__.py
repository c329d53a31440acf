"""Persons, units, accounts, sessions and rights."""
