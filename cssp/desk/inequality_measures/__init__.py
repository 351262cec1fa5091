"""Measures of inequality: one file each.

A new file here is a new measure, computed and shown beside the others.
"""
