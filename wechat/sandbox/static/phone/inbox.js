// The messages of a person.  Opening one marks it as read.

import { care } from "./care.js";
import { button, el, when } from "./dom.js";
import { mandates } from "./mandates.js";
import { payments } from "./payments.js";
import { privacy } from "./privacy.js";
import { residencies } from "./residencies.js";
import { openTicket } from "./ticket.js";

const PATH = "inbox?limit=30";
// What a message opens, where it is not about a ticket.
const SCREENS = { "/me/care": care, "/me/mandates": mandates, "/me/homes": residencies, "/me/privacy": privacy,
  "/me/payments": payments };

export const inbox = { key: "inbox", title: "消息", live: () => PATH, build: async (shell) => {
  const page = await shell.api.get(PATH);
  shell.showUnread(page.unread);
  if (!page.items.length) return [el("p", { class: "empty" }, "还没有消息。")];
  const all = page.unread > 0 && button("都看过了", () => shell.attempt(async () => {
    await shell.api.post("inbox/read-all");
    await shell.refresh();
  }), { class: "secondary", "data-key": "read-all" });
  return [all, el("div", { class: "list" }, page.items.map((item) => line(shell, item)))];
} };

function line(shell, item) {
  const isNew = item.read_at === null;
  const inside = [
    el("span", { class: "card-top" }, isNew && el("span", { class: "new" }, "新"), el("strong", {}, item.title)),
    el("span", { class: "card-text" }, item.body),
    el("span", { class: "hint" }, when(item.created_at)),
  ];
  return button(inside, () => shell.attempt(() => open(shell, item, isNew)), {
    class: "ticket-card", "data-key": `message-${item.id}`,
  });
}

async function open(shell, item, isNew) {
  if (isNew) await shell.api.post(`inbox/${item.id}/read`);
  const screen = shell.api.acting ? undefined : SCREENS[item.page];
  if (screen) return shell.show(screen);
  return item.ticket_id ? openTicket(shell, item.ticket_id) : shell.refresh();
}
