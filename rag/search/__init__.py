"""A question to ranked passages: dense and lexical, fused."""
