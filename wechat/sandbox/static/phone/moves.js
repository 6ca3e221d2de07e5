// Which buttons a ticket has: from which states an action leads on, whose move it is, and which hats may do it.
// A test holds this table and the server's together, so its value is written as JSON.

export const MOVES = {
  "triage": {"path": "triage", "whose": "station", "from": ["submitted", "triaged"],
    "roles": ["station_clerk", "station_manager", "grid_leader"]},
  "assign": {"path": "assign", "whose": "station", "from": ["submitted", "triaged", "assigned", "accepted", "reopened"],
    "roles": ["station_clerk", "station_manager"]},
  "accept": {"path": "accept", "whose": "assignee", "from": ["assigned"], "roles": ["repairer"]},
  "arrive": {"path": "arrive", "whose": "assignee", "from": ["accepted"], "roles": ["repairer"]},
  "make_safe": {"path": "make-safe", "whose": "assignee", "from": ["on_site", "in_progress"], "roles": ["repairer"]},
  "start": {"path": "start", "whose": "assignee", "from": ["on_site"], "roles": ["repairer"]},
  "resume": {"path": "resume", "whose": "assignee", "from": ["paused"], "roles": ["repairer"]},
  "finish": {"path": "finish", "whose": "assignee", "from": ["in_progress"], "roles": ["repairer"]},
  "pause": {"path": "pause", "whose": "assignee", "from": ["accepted", "on_site", "in_progress"],
    "roles": ["repairer"]},
  "confirm": {"path": "confirm", "whose": "reporter", "from": ["done_by_worker"], "roles": ["resident"]},
  "rate": {"path": "rate", "whose": "reporter", "from": ["confirmed", "auto_confirmed"], "roles": ["resident"]},
  "reopen": {"path": "reopen", "whose": "reporter", "roles": ["resident"],
    "from": ["done_by_worker", "confirmed", "auto_confirmed", "rated"]},
  "close": {"path": "close", "whose": "station", "from": ["confirmed", "auto_confirmed", "rated"],
    "roles": ["station_manager"]},
  "reject": {"path": "reject", "whose": "station", "from": ["submitted", "triaged"],
    "roles": ["station_clerk", "station_manager", "grid_leader"]},
  "redirect": {"path": "redirect", "whose": "station", "from": ["submitted", "triaged"],
    "roles": ["station_clerk", "station_manager", "grid_leader"]},
  "reveal_contact": {"path": "contact", "whose": "anybody",
    "from": ["submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "done_by_worker",
      "confirmed", "auto_confirmed", "reopened", "rated"],
    "roles": ["repairer", "station_clerk", "station_manager", "grid_leader"]},
  "note": {"path": "notes", "whose": "anybody",
    "from": ["submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "done_by_worker",
      "confirmed", "auto_confirmed", "reopened", "rated"],
    "roles": ["resident", "repairer", "station_clerk", "station_manager", "grid_leader", "community_officer",
      "subdistrict_officer", "district_officer"]},
  "cancel": {"path": "cancel", "whose": "reporter", "from": ["submitted", "triaged", "assigned", "accepted"],
    "roles": ["resident"]}
};

const REOPENS_MOST = 2;

// The actions that this person may do on this ticket now, the one that helps most first.
export function possible(ticket, { person, hat }) {
  return Object.keys(MOVES).filter((action) => {
    const move = MOVES[action];
    if (!move.from.includes(ticket.state) || !move.roles.includes(hat.role)) return false;
    if (move.whose === "reporter" && !ticket.mine) return false;
    if (move.whose === "assignee" && ticket.assignee_id !== person) return false;
    return !isPointless(action, ticket);
  });
}

// What the server would refuse for another reason than the state, or what nobody needs any more.
function isPointless(action, ticket) {
  if (action === "pause") return ticket.urgency === "p1";
  if (action === "reopen") return ticket.reopen_count >= REOPENS_MOST;
  if (action === "start") return ticket.safe_due_at !== null && ticket.safe_at === null;
  if (action === "make_safe") return ticket.safe_due_at === null || ticket.safe_at !== null;
  return false;
}
