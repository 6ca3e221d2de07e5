"""Use cases: what people do.  Functions with explicit arguments; they know neither Flask nor WeChat and never commit."""
