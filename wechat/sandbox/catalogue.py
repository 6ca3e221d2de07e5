"""The subscribe-message templates that the simulated mini-program has added."""

from collections.abc import Mapping
from dataclasses import dataclass

from config import MessageTemplate

TITLES: Mapping[str, str] = {"ticket_progress": "报修进度通知", "ticket_work": "派工通知", "notice": "通知提醒"}
LABELS: Mapping[str, str] = {
    "number": "编号",
    "subject": "事项",
    "state": "进度",
    "place": "地点",
    "time": "时间",
    "hint": "说明",
}


@dataclass(frozen=True)
class Template:
    """One template.  ``labels`` names each field key for people, in the order of the card."""

    template_id: str
    kind: str
    title: str
    labels: Mapping[str, str]

    @property
    def keys(self) -> frozenset[str]:
        """The field keys that a message must carry."""
        return frozenset(self.labels)


def known(templates: Mapping[str, MessageTemplate]) -> dict[str, Template]:
    """Return the templates by template id; one without a Chinese title here shows its kind."""
    return {
        template.template_id: Template(
            template.template_id,
            kind,
            TITLES.get(kind, kind),
            {key: LABELS.get(name, name) for name, key in template.fields.items()},
        )
        for kind, template in templates.items()
    }
