"""Small pure helpers that know no capability. Kept short on purpose: a rule that belongs to someone lives with its owner."""
