"""The floor's SQL that both databases share.  ``{}`` stands for a parameter."""

SUMMARY = (
    "t.id, t.number, t.state, t.urgency, c.name as category, t.place, t.place_label, t.place_note, t.text, "
    "t.submitted_at, t.state_since, t.next_due_at, t.assignee_id, w.known_as as assignee, t.version"
)
LISTED = (
    f"select {SUMMARY} from ticket t join ticket_category c on c.id = t.category_id "
    "left join person w on w.id = t.assignee_id "
    "where t.neighborhood_id = {} and t.settled_at is null order by t.id desc limit {}"
)
DETAIL = (
    f"{SUMMARY}, c.code as category_code, t.neighborhood_id, t.unit_path, t.building_id, t.home_id, t.latitude, "
    "t.longitude, t.source, t.reporter_id, r.name_masked as reporter_name, r.phone_masked as reporter_phone, "
    "t.pause_reason, t.reopen_count, t.answer_due_at, t.arrive_due_at, t.safe_due_at, t.done_due_at, t.answered_at, "
    "t.arrived_at, t.safe_at, t.done_at, t.satisfaction, t.rating_words"
)
DETAIL_FROM = (
    "from ticket t join ticket_category c on c.id = t.category_id left join person w on w.id = t.assignee_id "
    "left join person r on r.id = t.reporter_id where t.id = {}"
)
EVENT = "e.id, e.at, e.action, e.role, b.known_as as by, e.from_state, e.to_state, e.note, e.detail"
FACTS = (
    "select u.id, u.name, u.path, n.id, n.code, {label}, c.id, c.name, r.urgency, r.answer_minutes, r.arrive_minutes, "
    "r.done_minutes from org_unit u join org_unit n on n.id = u.neighborhood_id "
    "join ticket_category c on c.code = {category} and c.ends_at is null "
    "join clock_rule r on r.urgency = c.default_urgency {home} "
    "where {place} and r.since <= {day} and (r.until is null or r.until > {day}) "
    "and (r.neighborhood_id is null or r.neighborhood_id = n.id) and (r.category_id is null or r.category_id = c.id) "
    "order by r.category_id is null, r.neighborhood_id is null, r.since desc limit 1"
)


def facts(category: str, place: str, day: str, *, home: bool) -> str:
    """Return the select of all that filing must know, with these parameters."""
    where = f"h.id = {place}" if home else f"u.id = {place}"
    join = "join home h on h.building_id = u.id" if home else ""
    return FACTS.format(label="h.label" if home else "null", category=category, home=join, place=where, day=day)
