// How a ticket is shown in a list, and the lists themselves.

import { button, el, when } from "./dom.js";
import { openTicket } from "./ticket.js";
import { URGENCY } from "./words.js";

export function urgencyBadge(ticket) {
  return el("span", { class: `urgency ${ticket.urgency}` }, URGENCY[ticket.urgency]);
}

export function stateBadge(ticket) {
  return el("span", { class: `state ${ticket.state}` }, ticket.state_name);
}

function card(shell, ticket) {
  const place = [ticket.place_label, ticket.place_note].filter(Boolean).join(" ");
  const inside = [
    el("span", { class: "card-top" }, urgencyBadge(ticket), el("strong", {}, ticket.category), stateBadge(ticket)),
    el("span", { class: "card-text" }, ticket.text),
    el("span", { class: "hint" }, `${place}　${when(ticket.submitted_at)}`),
    ticket.overdue && el("span", { class: "late" }, "超时了"),
  ];
  return button(inside.filter(Boolean), () => openTicket(shell, ticket.id), {
    class: "ticket-card", "data-key": `ticket-${ticket.id}`,
  });
}

// Cards of a page of tickets, with a button for the rest; ``empty`` says what it means that there is none.
export async function ticketList(shell, path, empty, show = card) {
  const page = await shell.api.get(path);
  if (!page.items.length) return [el("p", { class: "empty" }, empty)];
  const list = el("div", { class: "list" }, page.items.map((ticket) => show(shell, ticket)));
  return [list, more(shell, path, page.next, list, show)];
}

function more(shell, path, next, list, show) {
  if (!next) return null;
  const node = button("再看一些", () => shell.attempt(async () => {
    const page = await shell.api.get(`${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}`);
    list.append(...page.items.map((ticket) => show(shell, ticket)));
    node.replaceWith(more(shell, path, page.next, list, show) ?? "");
  }), { class: "secondary" });
  return node;
}

function screen(key, title, path, empty) {
  return { key, title, live: () => path, build: (shell) => ticketList(shell, path, empty) };
}

export const mine = screen("mine", "我的报修", "tickets/mine", "您还没有报过修。哪里坏了，点下面的“报修”。");
