"""Everything a learner opens."""
