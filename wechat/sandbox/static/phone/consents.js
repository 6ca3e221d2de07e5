// 我同意过什么: each matter by itself, asked, given and taken back.

import { button, el, when } from "./dom.js";

const CONSENTS = "me/consents";
const ANSWERS = { given: "您同意了", declined: "您没有同意" };

export const consents = { key: "consents", title: "我同意过什么", live: () => CONSENTS, build: async (shell) => {
  const { items } = await shell.api.get(CONSENTS);
  return [el("p", { class: "lead" }, "每一项都单独问您。不同意也能报修、交费；同意了，随时可以收回。"),
    el("div", { class: "list" }, items.map((one) => button([
      el("span", { class: "card-top" }, el("strong", {}, one.name), el("span", { class: "state" }, saidTo(one))),
      el("span", { class: "hint" }, one.title)], () => shell.show(consent(one.kind)), { class: "ticket-card", "data-key": `consent-${one.kind}` })))];
} };

function saidTo(one) {
  if (one.answer === null) return one.can_decline ? "还没有问过您" : "请看一看";
  return one.can_decline ? ANSWERS[one.answer] : "您看过了";
}

// One matter: its words, what follows from yes and no, and the buttons.
export function consent(kind) {
  return { key: `consent-${kind}`, title: "说明", build: async (shell) => {
    const { items } = await shell.api.get(CONSENTS);
    const one = items.find((item) => item.kind === kind);
    const say = (given, done) => shell.attempt(async () => {
      await shell.api.post("me/consents", { text_id: one.text_id, given });
      await shell.back();
      shell.toast(done);
    });
    const take = () => shell.attempt(async () => {
      await shell.api.post("me/consents/withdraw", { kind });
      await shell.back();
      shell.toast("收回了，马上不再用。");
    });
    return [el("h5", {}, one.title), el("p", { class: "words" }, one.body), el("p", { class: "next" }, one.effect),
      one.answered_at && el("p", { class: "hint" }, `${saidTo(one)}，${when(one.answered_at)}。`),
      ...buttons(one, say, take)];
  } };
}

function buttons(one, say, take) {
  const yes = (label, done) => button(label, () => say(true, done), { class: "primary", "data-key": "yes" });
  if (!one.can_decline) return one.ask ? [yes("知道了", "好的。")] : [];
  if (one.answer === "given") return [button("收回同意", take, { class: "secondary", "data-key": "withdraw" })];
  return [yes("同意", "记下了：您同意。"), one.answer === null && button("不同意", () => say(false, "记下了：您不同意，不会再问。"),
    { class: "secondary", "data-key": "no" })];
}
