"""Ranked passages to an answer with its citations, or to the reason why there is none."""
