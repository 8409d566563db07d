"""`python app.py`: index the folder (./seeds, or RAG_DOCS) and open the web page."""

import sys

from rag.shell.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
