"""Formats of tools for coding interviews: one file each.

A new file here is a new format that `open_project` knows.
"""
