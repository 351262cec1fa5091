"""`python -m cssp` is the command `cssp`."""

from cssp.cli.main import main

if __name__ == "__main__":
    main()
