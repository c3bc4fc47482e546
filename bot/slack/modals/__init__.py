"""Modals: their views and what their fields hold when submitted."""
