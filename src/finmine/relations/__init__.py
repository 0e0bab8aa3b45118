"""Relations: lazy tables from which every answer is a group and a sum; nothing here executes."""
