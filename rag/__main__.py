"""`python -m rag` is the `rag` command."""

import sys

from rag.shell.cli import main

if __name__ == "__main__":
    sys.exit(main())
