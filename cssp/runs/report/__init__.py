"""Pages, documents and the index of a run."""
