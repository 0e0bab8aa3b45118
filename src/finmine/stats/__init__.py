"""Statistics: pure functions on summaries."""
