"""WeChat's servers, simulated: the real addresses, the documented error codes, and a page to look at.

Our code reaches it by its base URL only.  ``python -m wechat.sandbox`` runs it.
"""

from wechat.sandbox.server import create_sandbox
from wechat.sandbox.world import World

__all__ = ["World", "create_sandbox"]
