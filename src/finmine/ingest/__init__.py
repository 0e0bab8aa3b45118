"""Reading logs: every format becomes the same integer core, and everything assumed on the way is said."""
