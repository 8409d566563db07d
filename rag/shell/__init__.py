"""The `rag` command: what it prints at a terminal, and the check of all that answering needs."""
