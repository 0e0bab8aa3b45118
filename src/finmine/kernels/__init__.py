"""Kernels: pure functions of whole-number arrays, for what no query can say."""
