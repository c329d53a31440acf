"""Did the training work: gain between pre-test and post-test."""
