"""Every error the product raises on purpose. Each message names the thing, the place and the next command.

What is shown to a reader of another language too travels as a `rag.messages.Reason`; `str` is then its English sentence.

RagError
├── UsageError        the caller asked for something that cannot be (bad value, no such folder)
│   └── NothingToAsk   no file of the folder is indexed
├── ReasonedError     its message is a reason
│   └── DocumentError one file cannot be indexed; `sync` records it and goes on
│       ├── FileSkipped   not meant to be indexed (binary, empty, too large, not a plain file …)
│       └── FileFailed    meant to be, but it could not be read
├── IndexBroken       the index on disk cannot be used or written
│   ├── IndexDamaged   it is not what was written; a sync makes it anew
│   ├── IndexLocked   another process is writing it
│   ├── CatalogUnavailable   the catalog's server cannot be reached
│   ├── StoreUnavailable   the vector store cannot be reached
│   │   └── StoreEmptied   it can be, and the vectors are gone
│   └── WorkersFailed   those who read and embed cannot be reached or started, or are others than they should be
└── ModelBroken       a model file is missing or is not the one that was shipped
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.messages import Reason, Say


class RagError(Exception):
    """Base of all errors with a message written for a person."""

    def told(self, say: Say) -> str:
        """The message, in the language of `say` where it is known in more than English."""
        return str(self)


class UsageError(RagError):
    """A value the caller gave cannot be used."""


class NothingToAsk(UsageError):
    """No file of the folder is indexed; its message are reasons."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reason.told("en") for reason in reasons))

    def told(self, say: Say) -> str:
        return " ".join(map(say, self.reasons))


class ReasonedError(RagError):
    """An error that says why as a code of `rag.messages.WORDS` with values."""

    def __init__(self, code: str, **values: str | int | float) -> None:
        self.reason = Reason(code, values)
        super().__init__(self.reason.told("en"))

    def told(self, say: Say) -> str:
        return say(self.reason)


class DocumentError(ReasonedError):
    """One file cannot be indexed."""


class FileSkipped(DocumentError):
    """The file is not something to index."""


class FileFailed(DocumentError):
    """The file should be indexed but could not be read."""


class IndexBroken(RagError):
    """The index on disk cannot be used or written."""


class IndexDamaged(IndexBroken):
    """What is on disk is not what was written; a sync makes it anew from what is still true."""


class IndexLocked(IndexBroken):
    """Another process holds the index's write lock."""


class CatalogUnavailable(IndexBroken):
    """The catalog's server does not answer."""


class StoreUnavailable(IndexBroken):
    """The vector store does not answer."""


class StoreEmptied(StoreUnavailable):
    """A vector server answers, and no longer holds the vectors."""


class WorkersFailed(IndexBroken):
    """Those who should read and embed for a sync cannot."""


class ModelBroken(RagError):
    """A shipped model file is missing or altered."""
