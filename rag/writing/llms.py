"""The name of a language model → a llama-index `LLM`. Providers are extras and are imported on use; keys stay in the environment.

`ollama:NAME[@URL]`, `openai:NAME`, `anthropic:NAME`, `openai-like:NAME@URL` (vLLM, llama.cpp, LM Studio and others that speak the
same protocol). Retries and deadlines are `generation`'s, so the clients' own are switched off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rag.config import Config, secret
from rag.errors import UsageError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

FORMS = "ollama:NAME, openai:NAME, anthropic:NAME or openai-like:NAME@URL"
_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


def open_llm(name: str, config: Config) -> LLM:
    """The model that `name` stands for; nothing is asked of it yet. Raises UsageError for a bad name, a missing extra or key."""
    provider, _, rest = name.partition(":")
    model, _, url = rest.partition("@")
    if provider not in _MAKERS or not model or (provider == "openai-like" and not url):
        raise UsageError(f"{name!r} names no language model; write {FORMS}.")
    key = _KEYS.get(provider)
    if key and not secret(key):
        raise UsageError(f"{name} needs a key; set {key}.")
    try:
        return _MAKERS[provider](model, url, config)
    except ImportError as error:
        raise UsageError(
            f"{name} needs a package that is not installed. Run: python -m pip install llama-index-llms-{provider}"
        ) from error


def _openai(model: str, url: str, config: Config) -> LLM:
    from llama_index.llms.openai import OpenAI

    return OpenAI(model=model, temperature=0.0, max_retries=0, timeout=config.llm_total_seconds, max_tokens=config.llm_max_tokens)


def _openai_like(model: str, url: str, config: Config) -> LLM:
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(
        model=model, api_base=url, api_key=secret("OPENAI_LIKE_API_KEY") or "none", is_chat_model=True, temperature=0.0,
        max_retries=0, timeout=config.llm_total_seconds, max_tokens=config.llm_max_tokens, context_window=config.llm_context_tokens,
    )  # fmt: skip


def _ollama(model: str, url: str, config: Config) -> LLM:
    from llama_index.llms.ollama import Ollama

    where: dict[str, Any] = {"base_url": url} if url else {}
    return Ollama(
        model=model, temperature=0.0, request_timeout=config.llm_total_seconds, context_window=config.llm_context_tokens,
        additional_kwargs={"num_predict": config.llm_max_tokens}, **where,
    )  # fmt: skip


def _anthropic(model: str, url: str, config: Config) -> LLM:
    from llama_index.llms.anthropic import Anthropic

    made: LLM = Anthropic(
        model=model, temperature=0.0, max_retries=0, timeout=config.llm_total_seconds, max_tokens=config.llm_max_tokens
    )
    return made


_MAKERS: dict[str, Callable[[str, str, Config], LLM]] = {
    "ollama": _ollama,
    "openai": _openai,
    "openai-like": _openai_like,
    "anthropic": _anthropic,
}
