"""The desk study: the regulatory context and the money."""
