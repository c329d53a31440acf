"""What a supervisor sees of their people. Reads the other capabilities, owns no table."""
