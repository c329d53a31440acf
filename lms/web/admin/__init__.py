"""What the training office opens."""
