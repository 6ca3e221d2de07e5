// 我的代办: who may act for me, for whom I may act, acting for them, and what I am told of it every month.

import { button, el } from "./dom.js";
import { form } from "./form.js";

const GIVEN = "me/mandates?side=principal";
const RECEIVED = "me/mandates?side=agent";
const READ_BACKS = "me/read-backs?limit=12";
const BY_CODE = 0;

export const mandates = { key: "mandates", title: "我的代办", live: () => RECEIVED, build: async (shell) => {
  const [given, received, told] = await Promise.all([GIVEN, RECEIVED, READ_BACKS].map((path) => shell.api.get(path)));
  return [
    el("p", { class: "lead" }, "可以请信得过的人替您办事，也可以替别人办事。每一件都会写明是谁替谁办的。"),
    section("我替别人办", received.items, (one) => receivedLine(shell, one), "还没有人请您代办。"),
    code(shell),
    section("别人替我办", given.items, (one) => givenLine(shell, one), "您还没有请人代办。"),
    button("请人代办", () => shell.show(giving), { class: "primary", "data-key": "give" }),
    told.items.length > 0 && section("每月告诉您的", told.items, (one) => toldLine(shell, one)),
  ];
} };

// What is shown in place of 我的 while somebody acts for another.
export const actingNow = { key: "acting", title: "代办", build: (shell) => {
  const { acting } = shell.api;
  return [el("p", { class: "lead" }, `您（${acting.relation_name}）正在替${acting.principal}办：${acting.area_names.join("、")}。`),
    el("p", {}, "办的每一件都会写明是您替办的，本人马上会收到消息，每月1号还会再说一遍。"),
    stop(shell, "primary")];
} };

// The button that makes one oneself again.
export function stop(shell, kind = "secondary") {
  return button("不替了，换回我自己", () => shell.attempt(async () => {
    await shell.api.actFor(null);
    await shell.begin();
    shell.toast("换回您自己了。");
  }), { class: kind, "data-key": "stop-acting" });
}

// The photo of the sheet that a principal signed; none for what was tapped or spoken.
export function paperButton(shell, one) {
  if (one.consent !== "paper") return null;
  const open = async () => {
    const { photo } = await shell.api.post(`mandates/${one.id}/paper`);
    const words = "签了字的委托书";
    shell.sheet(words, [el("img", { class: "large", src: await shell.api.linked(photo), alt: words }),
      el("p", { class: "hint" }, "看了一次，已经记下来，委托人查得到。")]);
  };
  return button("看签过字的纸", () => shell.attempt(open), { class: "secondary", "data-key": `paper-${one.id}` });
}

function section(title, items, line, empty) {
  const rows = items.map((one) => el("li", {}, line(one)));
  return el("section", { "aria-label": title }, el("h5", {}, title),
    rows.length ? el("ul", { class: "people" }, rows) : el("p", {}, empty));
}

function receivedLine(shell, one) {
  const labels = { act: `替${one.principal}办`, accept: "答应", decline: "推掉", end: "不代办了" };
  return [...head(`替${one.principal}（您是${one.relation_name}）`, one),
    el("div", { class: "row" }, one.actions.map((name) => action(shell, one, name, labels[name])),
      paperButton(shell, one))];
}

function givenLine(shell, one) {
  const who = one.agent ? `${one.agent}（${one.relation_name}）` : `代办码还没有人用（${one.relation_name}）`;
  return [...head(who, one),
    el("div", { class: "row" }, one.actions.map((name) => action(shell, one, name, name === "end" ? "收回" : name)),
      paperButton(shell, one))];
}

function head(who, one) {
  return [el("p", {}, el("strong", {}, who), el("span", {}, one.state_name)),
    el("p", { class: "hint" }, `${one.area_names.join("、")}，到${one.last_day}为止；${one.consent_name}`)];
}

function action(shell, one, name, label) {
  const work = name === "act" ? () => begin(shell, one) : async () => {
    await shell.api.post(`mandates/${one.id}/${name}`);
    await shell.refresh();
  };
  return button(label, () => shell.attempt(work), {
    class: name === "end" || name === "decline" ? "secondary" : "primary", "data-key": `${name}-${one.id}`,
  });
}

async function begin(shell, one) {
  await shell.api.actFor(one.id);
  await shell.begin();
  shell.toast(`现在是替${one.principal}办事。`);
}

function code(shell) {
  const send = async ({ code: words }) => {
    await shell.api.post("mandates/redeem", { code: words.replaceAll(" ", "") });
    await shell.refresh();
    shell.toast("答应了，可以替对方办事了。");
  };
  const fields = [{ kind: "line", name: "code", label: "别人告诉您的代办码", required: true }];
  return form(shell, fields, { submit: "答应代办", send });
}

const giving = { key: "give-mandate", title: "请人代办", build: async (shell) => {
  const { people, relations, areas, texts } = await shell.api.get("me/mandates/choices");
  const words = texts.find((one) => one.consent === "in_app").words;
  const chosen = people.map((one) => ({ value: one.person_id, label: `${one.name}（${one.what}）` }));
  const fields = [
    { kind: "select", name: "agent_id", label: "请谁代办？", value: BY_CODE,
      options: [{ value: BY_CODE, label: "别人：给我一个代办码，我告诉对方" }, ...chosen] },
    { kind: "choice", name: "relation", label: "对方是您的什么人？", value: "daughter", options: named(relations) },
    { kind: "checks", name: "areas", label: "替您办哪些事？", value: ["tickets"],
      options: named(areas.filter((one) => one.value !== "votes")) },
    { kind: "tick", name: "votes", label: "也替我投票（要想好了再勾）" },
  ];
  const send = async ({ agent_id: agent, ...rest }, key) => {
    const made = await shell.api.post("me/mandates", { ...rest, agent_id: agent === BY_CODE ? null : agent }, { key });
    await shell.back();
    if (made.code) showCode(shell, made.code);
    else shell.toast("告诉对方了，等对方答应。");
  };
  return [el("p", { class: "next" }, words), form(shell, fields, { submit: "我愿意，请对方代办", send })];
} };

function named(items) {
  return items.map((one) => ({ value: one.value, label: one.name }));
}

function showCode(shell, code) {
  const spaced = `${code.slice(0, 4)} ${code.slice(4)}`;
  shell.sheet("代办码", [el("p", { class: "contact" }, "请把这个码告诉替您办事的人：", el("strong", {}, spaced)),
    el("p", { class: "hint" }, "对方在“我的代办”里输入。十四天里有效，只能用一次。")]);
}

function toldLine(shell, one) {
  const answered = { agreed: "您说没有问题", question: "您说有疑问，服务站会问清楚" }[one.answer];
  return [el("p", {}, el("strong", {}, one.month_name), el("span", {}, `${one.agent}（${one.relation_name}）办了${one.acts}件`)),
    answered ? el("p", { class: "hint" }, answered)
      : button("看看办了什么", () => shell.attempt(() => readBack(shell, one.id)), {
        class: "secondary", "data-key": `read-back-${one.id}`,
      })];
}

async function readBack(shell, id) {
  const one = await shell.api.get(`read-backs/${id}`);
  const send = (answer, words) => shell.attempt(async () => {
    await shell.api.post(`read-backs/${id}/answer`, words ? { answer, words } : { answer });
    await shell.refresh();
    shell.toast(answer === "agreed" ? "好的，记下了。" : "告诉服务站了，会找您问清楚。");
  });
  const ask = form(shell, [{ kind: "text", name: "words", label: "有什么不清楚？", rows: 2, required: true,
    phrases: ["这件事我不知道", "不是我的意思"] }], { submit: "有疑问", send: ({ words }) => send("question", words) });
  shell.sheet(`${one.month_name}替您办的`, [el("ol", {}, one.lines.map((line) => el("li", {}, `${line}。`))),
    button("知道了，没有问题", () => send("agreed"), { class: "primary" }), ask]);
}
