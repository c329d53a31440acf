"""What a unit operator opens."""
