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
