"""What a supervisor opens."""
