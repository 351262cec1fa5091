"""The interviews: who names what, and do the coders agree."""
