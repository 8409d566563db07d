"""A language model as an option: what it writes, held against the passages."""
