"""Runs of the notebooks for cities; knows notebooks, not statistics."""
