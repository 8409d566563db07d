"""One reader for each type of file: bytes to a document with its text, blocks, places, title and date."""
