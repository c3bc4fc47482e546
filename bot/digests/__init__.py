"""A digest is a question with a schedule."""
