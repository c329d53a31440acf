"""Sealing what must be read back but not by others: a key for each purpose, derived from the installation's secret."""

import base64
import hashlib

from cryptography.fernet import Fernet


def box(secret_key: str, purpose: str) -> Fernet:
    """Seals and opens for one purpose; what was sealed for another one does not open."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{secret_key}".encode()).digest()))
