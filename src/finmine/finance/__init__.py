"""Values of the trade: calendars and working time."""
