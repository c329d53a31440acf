"""Care of personal data across all capabilities: what is held and why, copies, erasure, retention, incidents."""
