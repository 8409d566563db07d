"""Text alone: scripts, terms, sentences, values, names. Touches no model and no file."""
