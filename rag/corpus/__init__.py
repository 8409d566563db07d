"""The documents and their index: layout, chunks, catalog, vectors, word index, and what keeps them in step with the folder."""
