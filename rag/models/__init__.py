"""The shipped models: what runs them, the encoder and the reader."""

import os

# Before onnxruntime is imported: it keeps an id of the machine, and a record of what it does, in the user's cache folder, and sends them to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
