"""How a notebook's kernel is started fast.

Forked from one process that has imported the libraries.
"""
