"""The expert survey: everything from counts."""
