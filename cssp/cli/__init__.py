"""The command `cssp`: what each subcommand takes, and what it calls."""
