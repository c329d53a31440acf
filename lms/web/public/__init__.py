"""Open to everybody: checking a certificate, and what machines ask."""
