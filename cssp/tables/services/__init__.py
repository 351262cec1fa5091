"""Survey services: one file each, with how its exports are recognised and read.

A new file here is a new service.
"""
