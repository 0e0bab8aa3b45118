"""The report: which answers in which order, on one page that needs nothing else."""
