"""What a marker opens."""
