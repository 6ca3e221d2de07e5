// The repairer's first screen: today's work, and whether WeChat may tell about new work.

import { ticketList } from "./cards.js";
import { button, el } from "./dom.js";
import { askForMessages } from "./grants.js";

const PATH = "tickets/assigned";

export const jobs = { key: "jobs", title: "我的活", live: () => PATH, build: async (shell) => {
  const { items } = await shell.api.get("grants");
  const isDeaf = items.some((item) => item.kind === "ticket_work" && item.remaining < 1);
  const ask = isDeaf && el("div", { class: "next" },
    el("p", {}, "来了新活，要不要发到您的微信？"),
    button("允许通知", () => shell.attempt(() => askForMessages(shell)), { class: "secondary", "data-key": "allow" }));
  return [ask, ...await ticketList(shell, PATH, "现在没有派给您的活。")];
} };

const POOL = "tickets/pool";

// What a worker may take without being sent, and what colleagues would like to hand over.
export const pool = { key: "pool", title: "可抢的单", live: () => POOL, build: async (shell) => {
  const asked = await ticketList(shell, "tickets/asked", "没有同事要转给您的活。");
  return [el("h5", {}, "同事想转给您的"), ...asked, el("h5", {}, "可抢的"),
    ...await ticketList(shell, POOL, "现在没有可抢的单。")];
} };
