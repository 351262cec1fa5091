"""The files of a study, as models, and what can be wrong with them."""
