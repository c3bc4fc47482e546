"""The parts a cost question may have beside its sum: shares, averages, unit costs, rankings of what moved, and more."""
