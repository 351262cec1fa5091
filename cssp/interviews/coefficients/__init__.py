"""Coefficients of agreement: one file each.

A new file here is a new coefficient, shown beside the others.
"""
