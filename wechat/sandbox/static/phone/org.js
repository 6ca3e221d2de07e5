// Who looks after our building, what is handed over to whom, and the one case that somebody from outside may see.

import { button, el } from "./dom.js";
import { openTicket } from "./ticket.js";

// 谁管我们楼: for each building in which the person has a home.
export async function whoLooksAfter(shell, homes) {
  const ids = [...new Set(homes.map((home) => home.building_id))];
  const found = await Promise.all(ids.map((id) => shell.api.get(`buildings/${id}/leaders`)));
  if (!found.length) return null;
  return el("section", { "aria-label": "谁管我们楼" }, el("h5", {}, "谁管我们楼"), found.map(building));
}

function building({ building: name, leaders, stations, services }) {
  const answered = services.filter((one) => one.people.length);
  const missing = services.filter((one) => !one.people.length).map((one) => one.name);
  return el("div", {}, el("p", {}, el("strong", {}, name)),
    leaders.map((one) => el("p", {}, `${one.title}：${one.name ?? "没写姓名"}（${one.unit}）`)),
    answered.map((one) => el("p", {}, `${one.name}：${one.people.join("、")}`)),
    missing.length > 0 && el("p", { class: "hint" }, `还没有人负责：${missing.join("、")}。`),
    stations.map((one) => el("p", {}, `${one.name}　${[one.phone, one.hours, one.place].filter(Boolean).join("，")}`)));
}

// 我的交接: what I pass on, and what I take over.
export async function handoverList(shell) {
  const { items } = await shell.api.get("handovers");
  const open = items.filter((one) => !one.finished_at);
  if (!open.length) return null;
  return el("section", { "aria-label": "我的交接" }, el("h5", {}, "我的交接"), open.map((one) => button(
    `${one.unit_name}${one.role_name}，还有${one.open_items}件`, () => shell.show(handover(one.id)),
    { class: "secondary wide" })));
}

function handover(id) {
  const path = `handovers/${id}`;
  return { key: `handover-${id}`, title: "交接单", live: () => path, build: async (shell) => {
    const list = await shell.api.get(path);
    const gives = list.from_person_id === shell.api.person;
    return [el("p", { class: "lead" }, `${list.unit_name}${list.role_name}的交接，还有${list.open_items}件。`),
      el("ul", { class: "people" }, list.items.map((item) => el("li", {}, line(shell, path, item, gives))))];
  } };
}

function line(shell, path, item, gives) {
  const state = item.confirmed_at ? "✓ 接到了" : item.ticked_at ? "交了，等接任的人确认" : "还没交";
  const act = (word, move) => button(word, () => shell.attempt(async () => {
    await shell.api.post(`${path}/items/${item.id}/${move}`);
    await shell.refresh();
  }), { class: "secondary", "data-key": `item-${item.id}` });
  return [el("p", {}, el("strong", {}, item.text)), el("p", { class: "hint" }, state),
    gives && !item.ticked_at && act("交清了", "tick"),
    !gives && item.ticked_at && !item.confirmed_at && act("接到了", "confirm")];
}

// The hat of a key opens this case and nothing else.
export const ownCase = { key: "case", title: "请我看的事", build: async (shell) => [
  el("p", { class: "lead" }, `您现在的身份是“${shell.api.hat.title}”。`),
  button("打开这张单子", () => shell.attempt(() => openTicket(shell, shell.api.hat.ticket_id)), { class: "primary" })] };
