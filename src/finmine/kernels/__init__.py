"""Kernels: pure functions of whole-number arrays, for what no query can say."""

MISSING = -(1 << 63)
"""What stands in an array where a value is missing: the least whole number of 64 bits."""
