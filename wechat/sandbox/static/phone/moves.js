// Where each action of a ticket is sent.  Which of them a person may do now, the server says with the ticket.

const PATHS = { make_safe: "make-safe", reveal_contact: "contact", note: "notes" };

export function pathOf(action) {
  return PATHS[action] ?? action;
}
