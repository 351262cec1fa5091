"""Families of balances: one file each.

A new file here is a new family, known to every measure and to the notebooks.
"""
