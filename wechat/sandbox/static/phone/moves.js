// Where each action of a ticket is sent.  Which of them a person may do now, the server says with the ticket.

const PATHS = {
  make_safe: "make-safe", reveal_contact: "contact", note: "notes", take_over: "take-over", turn_down: "turn-down",
  offer_help: "offer-help", accept_help: "accept-help", quote: "quotes", withdraw_quote: "withdraw-quote",
  agree_quote: "agree-quote", decline_quote: "decline-quote",
};

export function pathOf(action) {
  return PATHS[action] ?? action;
}
