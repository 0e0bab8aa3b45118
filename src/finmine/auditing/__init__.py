"""Audit: policies, what they ask of the log, and a verdict on every case for every rule."""
