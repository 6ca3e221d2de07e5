// One ticket: what is broken, where it stands, what this person can do about it, and everything that happened.

import { actionButtons } from "./actions.js";
import { stateBadge, urgencyBadge } from "./cards.js";
import { el, when } from "./dom.js";
import { thumbnails } from "./photos.js";
import { PARTY, PAUSE, SATISFACTION, detailWords, yuan } from "./words.js";

export function openTicket(shell, id) {
  return shell.show({ key: `ticket-${id}`, title: "报修单", live: () => `tickets/${id}`, build: () => view(shell, id) });
}

async function view(shell, id) {
  const ticket = await shell.api.get(`tickets/${id}`);
  return [head(ticket), nextStep(ticket), actionButtons(shell, ticket), facts(ticket), timeline(shell, ticket.timeline)];
}

function head(ticket) {
  return el("div", { class: "ticket-head" },
    el("p", { class: "card-top" }, urgencyBadge(ticket), el("strong", {}, ticket.category), stateBadge(ticket)),
    el("p", { class: "words" }, ticket.text),
    el("p", { class: "hint" }, ticket.number));
}

function nextStep(ticket) {
  const late = ticket.overdue && el("span", { class: "late" }, "超时了。");
  const paused = ticket.pause_reason && `原因：${PAUSE[ticket.pause_reason]}。`;
  return el("p", { class: "next" }, late, el("strong", {}, "下一步　"), paused, ticket.next_step);
}

function facts(ticket) {
  const place = [ticket.place_label, ticket.place_note].filter(Boolean).join("，");
  const reporter = [ticket.reporter_name, ticket.reporter_phone].filter(Boolean).join(" ");
  const rating = [SATISFACTION[ticket.satisfaction], ticket.rating_words].filter(Boolean).join("，");
  const lines = [["地方", place], ["师傅", ticket.assignee], ["报修人", reporter], ["评价", rating],
    ["谁出钱", PARTY[ticket.responsible_party]], ["该付", ticket.amount_due_fen && yuan(ticket.amount_due_fen)],
    ["交回过", ticket.return_count && `${ticket.return_count} 次`]];
  const due = ticket.next_due_at && when(ticket.next_due_at);
  const rows = [...lines, ["时限", due]].filter(([, value]) => value);
  return el("dl", { class: "facts" }, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function timeline(shell, events) {
  const lines = [...events].reverse().map((event) => el("li", {},
    el("p", { class: "event" }, el("strong", {}, event.action_name), el("span", {}, event.by ?? event.role_name),
      el("time", { datetime: event.at }, when(event.at))),
    [detailWords(event), event.note].filter(Boolean).map((words) => el("p", { class: "note" }, words)),
    thumbnails(shell, event.photos)));
  return el("div", {}, el("h5", {}, "经过（新的在上面）"), el("ol", { class: "timeline", reversed: true }, lines));
}
