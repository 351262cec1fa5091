"""Coded interviews from other tools, and back: one file for each tool's format."""
