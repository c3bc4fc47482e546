"""Composition: the container, the command line, the server, the scheduler, settings, metrics and logs."""
