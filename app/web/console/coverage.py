"""What is missing: buildings without a leader or a party group, services without a person; each number opens its list."""

from flask import request

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from services.errors import NotFound
from services.org import coverage
from services.org.coverage import Gap
from services.permissions import Permission

REPORT = "console_coverage.report"
blp = ConsoleBlueprint("coverage", __name__, entries=(Entry("缺什么人", REPORT, Permission.ORG_READ),))
GAP_NAMES = {
    Gap.LEADER.value: "没有楼长、网格长管的楼",
    Gap.PARTY_GROUP.value: "没有党小组的楼",
    Gap.DOMAIN.value: "没有人负责的服务",
}


@blp.get("/coverage")
@allow(Permission.ORG_READ)
def report() -> str:
    """Show what is missing in each neighborhood below the hat's node, or in the one that was chosen."""
    found = coverage.report(db.session(), actor=identity.actor(), unit_id=_unit(), when=now())
    return pages.page("coverage.html", found=found)


@blp.get("/coverage/gaps")
@allow(Permission.ORG_READ)
def gaps() -> str:
    """Show the list behind a number."""
    gap = request.args.get("gap", Gap.LEADER.value)
    if gap not in GAP_NAMES:
        raise NotFound("没有这样的名单。请从“缺什么人”里点数字。", code="gap_not_found")
    found = coverage.gaps(
        db.session(), actor=identity.actor(), unit_id=_unit(), gap=Gap(gap), when=now(), page=asked.further_page()
    )
    return pages.page("gaps.html", found=found, name=GAP_NAMES[gap])


def _unit() -> int:
    """Return the chosen neighborhood, or the node of the hat.  Scope is the service's to check."""
    unit_id = identity.actor().hat.unit_id
    return asked.neighborhood() if request.args.get("neighborhood") or unit_id is None else unit_id
