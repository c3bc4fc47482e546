"""A try-out without an account: simulated providers, a simulated workspace and its page."""
