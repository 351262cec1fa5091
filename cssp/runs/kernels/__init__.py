"""How a notebook's kernel is started fast: forked from one process that has imported the libraries."""
