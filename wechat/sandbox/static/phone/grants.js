// wx.requestSubscribeMessage: WeChat asks the person whether the mini-program may send them a message.

import { Api } from "./api.js";
import { button, el } from "./dom.js";

let titles = null;

async function titleOf(item) {
  titles ??= Api.templates();
  return (await titles).find((one) => one.template_id === item.template_id)?.title ?? item.kind;
}

// Asks for what the API wants, unless enough is left of it.  Never in the way: without an answer nothing happens.
export async function askForMessages(shell, { evenIfLeft = false } = {}) {
  if (shell.api.acting) return; // WeChat would ask the agent, not the person
  const { items } = await shell.api.get("grants");
  const wanted = items.filter((item) => evenIfLeft || item.remaining < 1);
  if (!wanted.length) return;
  const names = await Promise.all(wanted.map(titleOf));
  const answer = (word) => () => shell.attempt(async () => {
    for (const item of wanted) await shell.api.answerGrant(item, word);
    shell.closeSheet();
    shell.toast(word === "accept" ? "好的，有进展会发到微信。" : "好的，不发微信，消息里照样看得到。");
    await shell.refresh();
  });
  shell.sheet("允许通知？", [
    el("p", {}, "“五有”想用微信给您发："),
    el("ul", { class: "templates" }, names.map((name) => el("li", {}, name))),
    el("div", { class: "row" },
      button("不允许", answer("reject"), { class: "secondary" }), button("允许", answer("accept"), { class: "primary" })),
  ], { closeLabel: null });
}

// How many messages may still be sent, in words.
export async function messagesLeft(shell) {
  const { items } = await shell.api.get("grants");
  const lines = await Promise.all(items.map(async (item) => `${await titleOf(item)}：还能收 ${item.remaining} 条`));
  return lines;
}
