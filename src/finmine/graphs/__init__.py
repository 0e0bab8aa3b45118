"""Graphs: pure functions on summaries, with networkx."""
