"""What this costs: each measured beside the bare limit or an alternative, in one run, as a ratio.

``python -m benchmarks import``, ``ask``, ``cold``; ``python -m benchmarks.language``, ``.forecast``, ``.anomaly``.
"""
