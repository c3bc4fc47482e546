"""What the project does to itself: generated texts, screenshots, a browser."""
