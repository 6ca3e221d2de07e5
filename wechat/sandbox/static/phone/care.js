// 我的关怀登记: what the station wrote down about me, who may see it, who came, who looked, and how to end it.

import { consent } from "./consents.js";
import { button, el, longDay, when } from "./dom.js";

const CARE = "me/care";
const NOBODY = "工作人员";

export const care = { key: "care", title: "我的关怀登记", live: () => CARE, build: async (shell) => {
  const { items } = await shell.api.get(CARE);
  const agreement = button("同意，或者收回同意", () => shell.show(consent("care")), {
    class: "secondary wide", "data-key": "care-consent",
  });
  if (!items.length) {
    return [el("p", { class: "empty" }, "没有您的关怀登记。要服务站常来看看您，请先点“同意”，再打电话告诉服务站。"), agreement];
  }
  return [el("p", { class: "lead" }, "记了什么、谁能看、谁来过、谁看过，都在这里。写得不对，或者不想要了，请告诉服务站。"),
    items.map(entry), agreement];
} };

function entry(one) {
  const title = `${one.kind_name}，${one.place}`;
  const lasts = one.closed_at ? `${when(one.closed_at)}结束了，谁也看不到了。` : `${longDay(one.opened_on)}登记，到${longDay(one.expires_on)}为止。`;
  return el("section", { "aria-label": title }, el("h5", {}, title),
    el("p", {}, el("strong", {}, one.reason)), el("p", { class: "hint" }, lasts),
    one.closed_at === null && list("谁能看", one.knowers.map((knower) =>
      `${knower.name ?? NOBODY}，看到${longDay(knower.ends_on)}。原因：${knower.why}`), "现在没有人能看。"),
    list("谁来过", one.visits.map((visit) => `${when(visit.visited_at)}，${visit.name ?? NOBODY}：${visit.purpose}${
      visit.words ? `（${visit.words}）` : ""}`), "还没有人来过。"),
    list("谁看过", one.looks.map((look) => `${when(look.at)}，${look.name ?? NOBODY}：${look.purpose}`), "还没有人看过。"));
}

function list(title, rows, empty) {
  return el("div", {}, el("p", {}, el("strong", {}, title)),
    rows.length ? el("ul", { class: "people" }, rows.map((row) => el("li", {}, row))) : el("p", { class: "hint" }, empty));
}
