"""Stations, councils, committees, and who answers for which service."""

from typing import Any

from app import identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.org.bodies import (
    CouncilBody,
    CouncilsOut,
    CouncilTypeBody,
    CouncilTypesOut,
    CreatedOut,
    DomainBody,
    DomainChoiceBody,
    DomainsOut,
    EndTermBody,
    LeadersOut,
    LeaveBody,
    MemberBody,
    ResponsibleBody,
    SeatBody,
    StationBody,
    StationOut,
    StationPatchBody,
    StationsOut,
    TermBody,
    TermsOut,
)
from app.schemas.org.hats import EndBody
from app.settings import vault
from models import (
    CommitteeMember,
    CommitteeTerm,
    Council,
    CouncilSeat,
    CouncilType,
    DutyAssignment,
    ServiceDomain,
    Station,
)
from services.org import committees, councils, duties, leaders, lists, stations
from services.permissions import Permission

blp = ApiBlueprint("org_bodies", __name__, url_prefix="/api/v1", description="The organization: bodies and duties")


@blp.get("/buildings/<id:building_id>/leaders")
@allow(Permission.UNIT_LIST)
@blp.response(200, LeadersOut)
def building_leaders(building_id: int) -> dict[str, Any]:
    """Who looks after our building: its leader, the grid's, the station, and who answers for each service."""
    return leaders.of_building(db.session(), actor=identity.actor(), building_id=building_id, now=now())


@blp.get("/neighborhoods/<id:neighborhood_id>/stations")
@allow(Permission.UNIT_LIST)
@blp.response(200, StationsOut)
def open_stations(neighborhood_id: int) -> dict[str, Any]:
    """The stations: place, hours, phone."""
    return {"items": stations.listed(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)}


@blp.post("/neighborhoods/<id:neighborhood_id>/stations")
@allow(Permission.ORG_WRITE)
@blp.arguments(StationBody)
@blp.response(201, StationOut)
def new_station(body: dict[str, Any], neighborhood_id: int) -> Station:
    """Open a station."""
    return stations.put(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)


@blp.patch("/neighborhoods/<id:neighborhood_id>/stations/<id:station_id>")
@allow(Permission.ORG_WRITE)
@blp.arguments(StationPatchBody)
@blp.response(200, StationOut)
def change_station(body: dict[str, Any], neighborhood_id: int, station_id: int) -> Station:
    """Change a station's record."""
    return stations.put(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        station_id=station_id,
        now=now(),
        **body,
    )


@blp.post("/stations/<id:station_id>/close")
@allow(Permission.ORG_WRITE)
@blp.response(204)
def close_station(station_id: int) -> None:
    """Close a station."""
    stations.close(db.session(), actor=identity.actor(), station_id=station_id, now=now())


@blp.get("/neighborhoods/<id:neighborhood_id>/council-types")
@allow(Permission.ORG_READ)
@blp.response(200, CouncilTypesOut)
def council_types(neighborhood_id: int) -> dict[str, Any]:
    """The types of councils that can be set up here."""
    return {"items": councils.types(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)}


@blp.post("/neighborhoods/<id:neighborhood_id>/council-types")
@allow(Permission.ORG_WRITE)
@blp.arguments(CouncilTypeBody)
@blp.response(201, CreatedOut)
def define_council_type(body: dict[str, Any], neighborhood_id: int) -> CouncilType:
    """Make a type of council of our own."""
    seats = [(seat["organization"], seat["seats"]) for seat in body.pop("seats")]
    return councils.define_type(
        db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, seats=seats, now=now(), **body
    )


@blp.get("/units/<id:unit_id>/councils")
@allow(Permission.ORG_READ)
@blp.response(200, CouncilsOut)
def councils_of_unit(unit_id: int) -> dict[str, Any]:
    """The councils of a unit, who sits in them, and which seats are empty."""
    return {"items": councils.listed(db.session(), actor=identity.actor(), unit_id=unit_id)}


@blp.post("/units/<id:unit_id>/councils")
@allow(Permission.ORG_WRITE)
@blp.arguments(CouncilBody)
@blp.response(201, CreatedOut)
def set_up_council(body: dict[str, Any], unit_id: int) -> Council:
    """Set up a council."""
    return councils.set_up(db.session(), actor=identity.actor(), unit_id=unit_id, now=now(), **body)


@blp.post("/councils/<id:council_id>/close")
@allow(Permission.ORG_WRITE)
@blp.response(200, CreatedOut)
def close_council(council_id: int) -> Council:
    """Close a council in which nobody sits any more."""
    return councils.close(db.session(), actor=identity.actor(), council_id=council_id, now=now())


@blp.post("/councils/<id:council_id>/seats")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(SeatBody)
@blp.response(201, CreatedOut)
def seat(body: dict[str, Any], council_id: int) -> CouncilSeat:
    """Give somebody a seat for an organization."""
    return councils.seat(db.session(), actor=identity.actor(), council_id=council_id, vault=vault(), now=now(), **body)


@blp.post("/council-seats/<id:seat_id>/end")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(EndBody)
@blp.response(200, CreatedOut)
def leave_seat(body: dict[str, Any], seat_id: int) -> CouncilSeat:
    """End a seat."""
    return councils.leave_seat(db.session(), actor=identity.actor(), seat_id=seat_id, now=now(), **body)


@blp.get("/neighborhoods/<id:neighborhood_id>/committee-terms")
@allow(Permission.UNIT_LIST)
@blp.response(200, TermsOut)
def terms(neighborhood_id: int) -> dict[str, Any]:
    """The owners' committee, term by term."""
    return {"items": lists.committee_terms(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)}


@blp.post("/neighborhoods/<id:neighborhood_id>/committee-terms")
@allow(Permission.ORG_WRITE)
@blp.arguments(TermBody)
@blp.response(201, CreatedOut)
def start_term(body: dict[str, Any], neighborhood_id: int) -> CommitteeTerm:
    """Write a new term."""
    return committees.start_term(
        db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body
    )


@blp.post("/committee-terms/<id:term_id>/end")
@allow(Permission.ORG_WRITE)
@blp.arguments(EndTermBody)
@blp.response(200, CreatedOut)
def end_term(body: dict[str, Any], term_id: int) -> CommitteeTerm:
    """End a term before its time."""
    return committees.end_term(db.session(), actor=identity.actor(), term_id=term_id, now=now(), **body)


@blp.post("/committee-terms/<id:term_id>/members")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(MemberBody)
@blp.response(201, CreatedOut)
def join(body: dict[str, Any], term_id: int) -> CommitteeMember:
    """Write a member."""
    return committees.join(db.session(), actor=identity.actor(), term_id=term_id, vault=vault(), now=now(), **body)


@blp.post("/committee-members/<id:member_id>/end")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(LeaveBody)
@blp.response(200, CreatedOut)
def leave(body: dict[str, Any], member_id: int) -> CommitteeMember:
    """A member leaves before the term ends; a successor takes the post for the rest of it."""
    return committees.leave(db.session(), actor=identity.actor(), member_id=member_id, vault=vault(), now=now(), **body)


@blp.get("/neighborhoods/<id:neighborhood_id>/domains")
@allow(Permission.ORG_READ)
@blp.response(200, DomainsOut)
def domains(neighborhood_id: int) -> dict[str, Any]:
    """The services (五有) that the neighborhood knows and uses, and who answers for each."""
    rows = duties.listed(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now())
    return {"items": rows}


@blp.post("/neighborhoods/<id:neighborhood_id>/domains")
@allow(Permission.ORG_WRITE)
@blp.arguments(DomainBody)
@blp.response(201, CreatedOut)
def add_domain(body: dict[str, Any], neighborhood_id: int) -> ServiceDomain:
    """Add a service of our own."""
    return duties.add_domain(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)


@blp.put("/neighborhoods/<id:neighborhood_id>/domains/<id:domain_id>")
@allow(Permission.ORG_WRITE)
@blp.arguments(DomainChoiceBody)
@blp.response(204)
def choose_domain(body: dict[str, Any], neighborhood_id: int, domain_id: int) -> None:
    """Say whether we have this service."""
    duties.choose(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        domain_id=domain_id,
        now=now(),
        **body,
    )


@blp.post("/neighborhoods/<id:neighborhood_id>/domains/<id:domain_id>/people")
@allow(Permission.ORG_WRITE)
@blp.arguments(ResponsibleBody)
@blp.response(201, CreatedOut)
def answer_for(body: dict[str, Any], neighborhood_id: int, domain_id: int) -> DutyAssignment:
    """Let somebody answer for a service."""
    return duties.assign(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        domain_id=domain_id,
        vault=vault(),
        now=now(),
        **body,
    )


@blp.post("/duty-assignments/<id:assignment_id>/end")
@allow(Permission.ORG_WRITE)
@blp.response(200, CreatedOut)
def end_duty(assignment_id: int) -> DutyAssignment:
    """Let somebody no longer answer for a service."""
    return duties.end(db.session(), actor=identity.actor(), assignment_id=assignment_id, now=now())
