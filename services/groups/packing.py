"""Which messages go into one post: each alone while few wait, several short ones together when many do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.outbox import Claimed

JOIN_FROM = 5
"""So many waiting messages are a crowd: joined they are heard sooner, and the group is not drowned in single posts."""
JOIN_MOST = 5
JOIN_BYTES = 2000
"""UTF-8 bytes of a joined post: about what a phone shows without scrolling, and half of what WeCom takes."""
BETWEEN = "\n\n"


@dataclass(frozen=True)
class Draft:
    """A waiting message and what it says."""

    message: Claimed
    markdown: str

    @property
    def is_new(self) -> bool:
        """Whether it has never been tried: one that was must go alone, so that its fate is its own."""
        return self.message.attempts <= 1


def pack(drafts: Sequence[Draft], posts: int) -> list[list[Draft]]:
    """Return what goes into each of at most ``posts`` posts, in order.  What finds no room is left for another time."""
    if len(drafts) < JOIN_FROM:
        return [[draft] for draft in drafts][:posts]
    return list(_joined(drafts))[:posts]


def text_of(drafts: Sequence[Draft]) -> str:
    """Return the text of one post."""
    if len(drafts) == 1:
        return drafts[0].markdown
    return BETWEEN.join([f"这会儿消息多，{len(drafts)}件事一起说：", *(draft.markdown for draft in drafts)])


def _joined(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Fill one post after the other."""
    together: list[Draft] = []
    for draft in drafts:
        if together and not _fits(together, draft):
            yield together
            together = []
        together.append(draft)
    if together:
        yield together


def _fits(together: Sequence[Draft], draft: Draft) -> bool:
    if len(together) >= JOIN_MOST or not (draft.is_new and together[-1].is_new):
        return False
    return len(text_of([*together, draft]).encode()) <= JOIN_BYTES
