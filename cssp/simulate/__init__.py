"""Studies with a known truth. Whatever is made here says that it is simulated."""
