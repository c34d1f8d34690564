"""Loaders: everything from the Hub's listing up to the raw schema of the warehouse."""

import os

# The libraries report each use to their makers, unless told before they are imported.
# huggingface_hub also looks up at huggingface.co what runs it, whatever Hub is asked; dlt finds
# .dlt/config.toml only from the project's folder.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
