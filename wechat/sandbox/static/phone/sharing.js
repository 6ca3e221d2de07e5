// Cards in WeChat groups: one is made and shared here, and the mini-program is opened from one in a group.

import { Api } from "./api.js";
import { button, el } from "./dom.js";
import { form } from "./form.js";
import { residencies } from "./residencies.js";

const SHARERS = new Set(["station_manager", "station_clerk", "grid_leader"]);
const BINDERS = new Set(["station_manager"]);
const TITLE = "绑手机，报修快：看看咱们楼有多少户了";

const placeOf = (shell) => `neighborhoods/${shell.api.hat.neighborhood_id}`;

// The way in, for hats that invite homes.
export function shareButton(shell) {
  if (!SHARERS.has(shell.api.hat.role) || shell.api.hat.neighborhood_id === null) return null;
  return button("发卡片到微信群", () => shell.show(sharing), { class: "secondary wide", "data-key": "sharing" });
}

const sharing = { key: "sharing", title: "发卡片到微信群", build: async (shell) => {
  const [{ items: buildings }, groups] = await Promise.all([shell.api.get(`${placeOf(shell)}/buildings`), Api.groups()]);
  if (!groups.length) return [el("p", {}, "模拟的微信里还没有群。请先在电脑上登记一个群。")];
  const fields = [
    { kind: "choice", name: "building", label: "哪栋楼？", options: buildings.map(({ id, name }) => ({ value: id, label: name })) },
    { kind: "choice", name: "group", label: "发到哪个群？", options: groups.map(({ slug, name }) => ({ value: slug, label: name })) },
  ];
  const send = ({ building, group }) => share(shell, building, group);
  return [el("p", { class: "hint" }, "卡片上写着这栋楼有多少户绑好了手机，数字会自己变，管一天。"),
    form(shell, fields, { submit: "发出去", send })];
} };

// wx.updateShareMenu with what our server answered, then the person's own thumb.
async function share(shell, building, group) {
  const card = await shell.api.post(`buildings/${building}/cards`);
  const { activity_id, parameters } = card;
  await shell.api.share({ group, title: TITLE, activity_id, parameters });
  shell.back();
  shell.toast(`卡片发到群里了：现在绑好${card.answered}户，一共${card.households}户。`);
}

// A tap on a card in a group: wx.getGroupEnterInfo, and our server counts the opening.
export async function openFromGroup(shell, group) {
  const info = await shell.api.groupEnterInfo(group);
  const { unit_name: unit } = await shell.api.post("me/group-entry", info);
  if (shell.api.hat.role === "resident") await shell.show(residencies);
  else if (!unit && BINDERS.has(shell.api.hat.role)) await shell.show(binding(group));
  shell.toast(unit ? `您是从“${unit}”的群里进来的。` : "这个群还没有绑到小区。");
}

const binding = (group) => ({ key: "bind-chat", title: "绑这个群", build: async (shell) => {
  const groups = await Api.groups();
  const known = groups.find(({ slug }) => slug === group)?.name ?? "";
  const fields = [{ kind: "line", name: "name", label: "这个群叫什么？", value: known, required: true }];
  const send = async ({ name }) => {
    const info = await shell.api.groupEnterInfo(group);
    await shell.api.post(`${placeOf(shell)}/chats`, { ...info, name, unit_id: shell.api.hat.neighborhood_id });
    await shell.begin();
    shell.toast("绑好了。以后有人从这个群点进来，会记一次数，不记是谁。");
  };
  return [el("p", { class: "lead" }, "把这个微信群绑到小区，就知道有多少人从群里点进来。"), form(shell, fields, { submit: "绑到小区", send })];
} });
