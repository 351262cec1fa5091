"""Runs on other machines and at addresses: executors, clusters, storage."""
