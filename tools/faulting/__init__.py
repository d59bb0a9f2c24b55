"""What tools/faults tries: kills, faults, signals, mutants, power cuts, builders beside readers."""
