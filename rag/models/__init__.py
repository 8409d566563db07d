"""The shipped models: what runs them, the encoder and the reader."""
