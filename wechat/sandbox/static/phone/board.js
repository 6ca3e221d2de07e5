// The board of common parts, and what neighbors will read of a report before it is sent.

import { stateBadge, ticketList, urgencyBadge } from "./cards.js";
import { button, el, when } from "./dom.js";
import { openTicket } from "./ticket.js";

const EMPTY = {
  building: "您住的楼里，公共部位现在没有报修。",
  neighborhood: "小区的公共部位现在没有报修。",
};

export const nearby = board("building");

function board(around) {
  const path = `tickets/nearby?around=${around}`;
  return {
    key: "nearby", title: around === "building" ? "楼里的报修" : "小区里的报修", live: () => path,
    build: async (shell) => [other(shell, around), ...await ticketList(shell, path, EMPTY[around], line)],
  };
}

function other(shell, around) {
  const next = around === "building" ? "neighborhood" : "building";
  return button(next === "building" ? "只看我住的楼" : "看整个小区的", () => shell.show(board(next)), {
    class: "secondary", "data-key": `around-${next}`,
  });
}

function line(shell, ticket) {
  const inside = [
    el("span", { class: "card-top" }, urgencyBadge(ticket), el("strong", {}, ticket.category), stateBadge(ticket)),
    ...words(ticket),
    el("span", { class: "hint" }, `${when(ticket.submitted_at)}报修`),
    ticket.done_at && el("span", { class: "hint" }, `${when(ticket.done_at)}修完，用了${lasted(ticket.took_minutes)}`),
    ticket.overdue && el("span", { class: "late" }, "超时了"),
  ].filter(Boolean);
  const given = { class: "ticket-card", "data-key": `ticket-${ticket.id}` };
  return ticket.can_open ? button(inside, () => openTicket(shell, ticket.id), given) : el("div", given, inside);
}

function words(shown) {
  const place = [shown.place_label, shown.place_note].filter(Boolean).join(" ");
  return [el("span", { class: "card-text" }, shown.text), el("span", { class: "hint" }, place)];
}

// 90 → 1小时30分钟
function lasted(minutes) {
  const parts = [[Math.floor(minutes / 1440), "天"], [Math.floor(minutes / 60) % 24, "小时"], [minutes % 60, "分钟"]];
  return parts.filter(([count]) => count).slice(0, 2).map(([count, unit]) => `${count}${unit}`).join("") || "不到1分钟";
}

// What a form shows under its button "邻居会看到的样子"; ``body(values)`` makes the report of it.
export function previewOf(shell, body) {
  return {
    label: "邻居会看到的样子",
    show: async (values) => {
      const { line: shown, hint } = await shell.api.post("tickets/preview", body(values));
      return el("div", { class: "next", "data-key": "preview" },
        shown ? el("strong", {}, shown.category) : null, shown ? words(shown) : null, el("span", { class: "hint" }, hint));
    },
  };
}
