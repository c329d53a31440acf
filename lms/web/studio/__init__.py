"""What an author opens."""
