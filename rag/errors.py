"""Every error the product raises on purpose. Each message names the thing, the place and the next command.

RagError
├── UsageError        the caller asked for something that cannot be (bad value, no such folder)
├── DocumentError     one file cannot be indexed; `sync` records it and goes on
│   ├── FileSkipped   not meant to be indexed (binary, empty, too large, not a plain file …)
│   └── FileFailed    meant to be, but it could not be read
├── IndexBroken       the index on disk is damaged or cannot be written
│   ├── IndexLocked   another process is writing it
│   └── StoreUnavailable   the vector store cannot be reached
└── ModelBroken       a model file is missing or is not the one that was shipped
"""

from __future__ import annotations


class RagError(Exception):
    """Base of all errors with a message written for a person."""


class UsageError(RagError):
    """A value the caller gave cannot be used."""


class DocumentError(RagError):
    """One file cannot be indexed; the message is the reason."""


class FileSkipped(DocumentError):
    """The file is not something to index."""


class FileFailed(DocumentError):
    """The file should be indexed but could not be read."""


class IndexBroken(RagError):
    """The index on disk is damaged or unwritable."""


class IndexLocked(IndexBroken):
    """Another process holds the index's write lock."""


class StoreUnavailable(IndexBroken):
    """The vector store does not answer."""


class ModelBroken(RagError):
    """A shipped model file is missing or altered."""
