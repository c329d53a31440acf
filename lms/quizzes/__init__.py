"""Drawing, grading and recording of attempts."""
