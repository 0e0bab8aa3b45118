"""Process models: discovered from counts of variants, checked by replay, written in the notations of the trade."""
