"""Anthropic's Admin API, simulated."""
