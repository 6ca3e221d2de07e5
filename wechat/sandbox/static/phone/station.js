// The station's screens: its list and who is on duty.

import { ticketList } from "./cards.js";
import { button, el } from "./dom.js";
import { skillsButton } from "./work.js";

const VIEWS = [
  { label: "在办", query: "", empty: "现在没有在办的单子。" },
  { label: "新的", query: "?state=submitted", empty: "没有新的报修。" },
  { label: "没修好", query: "?state=reopened", empty: "没有返修的单子。" },
  { label: "超时", query: "?overdue=true", empty: "没有超时的单子。" },
  { label: "全部", query: "?settled=true", empty: "还没有报修。" },
];

// The list of the station; the choice above it is kept while the phone is open.
export function stationScreen() {
  let view = VIEWS[0];
  const pathOf = (api) => `neighborhoods/${api.hat.neighborhood_id}/tickets${view.query}`;
  return { key: "station", title: "新的和超时的", live: pathOf, build: async (shell) => {
    const choose = (one) => { view = one; return shell.refresh(); };
    const filters = VIEWS.map((one) => button(one.label, () => choose(one), {
      class: "chip", "aria-pressed": String(one === view), "data-key": `view-${one.label}`,
    }));
    return [el("div", { class: "chips", role: "group", "aria-label": "看哪些单子" }, filters),
      ...await ticketList(shell, pathOf(shell.api), view.empty)];
  } };
}

const dutyPath = (api) => `neighborhoods/${api.hat.neighborhood_id}/duty`;

export const duty = { key: "duty", title: "值班名单", live: dutyPath, build: async (shell) => {
  const { items } = await shell.api.get(dutyPath(shell.api));
  return [el("ul", { class: "people" }, items.map((one) => el("li", {},
    el("p", {}, el("strong", {}, one.name), el("span", {}, one.role_name)),
    el("p", { class: "hint" }, `${one.unit}　${one.phone ?? "没有留电话"}`),
    one.role === "repairer" && el("p", {}, `手上 ${one.open_jobs} 单`),
    one.role === "repairer" && shell.api.hat.role === "station_manager" && skillsButton(shell, one))))];
} };
