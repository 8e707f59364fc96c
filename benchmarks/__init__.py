"""Measures the ratios of docs/performance.md, each beside its ceiling in the same run."""
