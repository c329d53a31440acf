"""Signing in and out, activation, own devices and password."""
