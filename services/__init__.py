"""Use cases: what people do.  Functions with explicit arguments; they know neither Flask nor WeChat and never commit."""

import os

# Names are read character by character: the dictionary of whole phrases would only cost each process 44 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
