// 我的资料: one's name and phone, who looked at them, the ways to consents and care, and what one may ask for.

import { care } from "./care.js";
import { consents } from "./consents.js";
import { button, el, when } from "./dom.js";
import { form } from "./form.js";
import { names } from "./residencies.js";

const LOOKS = "me/views?limit=30";
const ASKED = "me/rights-requests?limit=20";

export const privacy = { key: "privacy", title: "我的资料", build: async (shell) => {
  const person = await shell.api.get("me");
  const to = (label, screen) => button(label, () => shell.show(screen), { class: "secondary wide", "data-key": screen.key });
  return [
    el("section", { "aria-label": "姓名和电话" }, el("h5", {}, "姓名和电话"), names(shell, person)),
    to("谁看过我的信息", looks), to("我同意过什么", consents), to("我的关怀登记", care), to("看、改、删我的资料", desk),
  ];
} };

const looks = { key: "looks", title: "谁看过我的信息", live: () => LOOKS, build: async (shell) => {
  const { items } = await shell.api.get(LOOKS);
  if (!items.length) return [el("p", { class: "empty" }, "还没有人看过您的姓名和电话。有人看，这里会写明是谁、为了什么。")];
  return [el("p", { class: "lead" }, "看一次记一次。觉得不对，请到服务站问，或者在“看、改、删我的资料”里问。"),
    el("ul", { class: "people" }, items.map((one) => el("li", {}, one.said)))];
} };

const WISHES = [
  { value: "see", label: "看看你们有我哪些资料" }, { value: "correct", label: "有写错的，请改过来" },
  { value: "delete", label: "把我的资料删掉" }, { value: "restrict", label: "先别用我的资料" },
  { value: "transfer", label: "给我一份，我带到别处去" }, { value: "explain", label: "请讲明白，我的资料怎么用" },
];

const desk = { key: "desk", title: "看、改、删我的资料", live: () => ASKED, build: async (shell) => {
  const { items } = await shell.api.get(ASKED);
  return [
    items.length > 0 && el("section", { "aria-label": "提过的要求" }, el("h5", {}, "提过的要求"),
      el("ul", { class: "people" }, items.map((one) => el("li", {}, wish(shell, one))))),
    el("section", { "aria-label": "提一个要求" }, el("h5", {}, "提一个要求"), form(shell, [
      { kind: "choice", name: "kind", label: "您想怎么办？", wide: true, options: WISHES, value: "see" },
      { kind: "text", name: "words", label: "要改哪里、想问什么，写在这里（别的可不填）", rows: 2,
        phrases: ["名字写错了一个字", "电话换了", "为什么要我的电话"] }],
    { submit: "提交", send: (body, key) => submit(shell, body, key) })),
  ];
} };

async function submit(shell, body, key) {
  if (body.kind === "delete") return beforeDeleting(shell, body, key);
  return ask(shell, body, key);
}

async function ask(shell, body, key) {
  const made = await shell.api.post("me/rights-requests", body, { key });
  await shell.refresh();
  shell.toast(made.settled_at ? "马上就有了，点“打开”。" : `收到了，最晚${when(made.due_at)}答复您。`);
}

// What would go and what stays, before anything is asked for.
async function beforeDeleting(shell, body, key) {
  const plan = await shell.api.get("me/erasure-plan");
  const list = (title, rows) => rows.length > 0 && el("section", { "aria-label": title }, el("h5", {}, title), el("ul", {}, rows.map((row) => el("li", {}, row))));
  shell.sheet("删掉以前，请看一看", [
    list("现在还不能删，先要办完", plan.blocking),
    list("会删掉", [plan.keeps_name ? "电话和微信账号" : "姓名、电话和微信账号", ...plan.goes.map((part) => part.name)]),
    list("要留下", plan.stays.map((part) => `${part.name}：${part.why}`)),
    plan.keeps_name && el("p", { class: "next" }, "您还是业主，名册上的姓名要留着，只存不用。"),
    plan.blocking.length === 0 && button("看明白了，请删掉", () => shell.attempt(() => ask(shell, body, key)), { class: "primary danger" })]);
}

function wish(shell, one) {
  const late = one.is_late && el("span", { class: "late" }, "超期了，请找社区。");
  return [el("p", {}, el("strong", {}, one.kind_name), el("span", {}, one.state_name)),
    one.words && el("p", {}, one.words),
    one.settled_at === null ? el("p", { class: "hint" }, `最晚${when(one.due_at)}答复您。`, late) : one.answer && el("p", { class: "next" }, one.answer),
    one.can_download && button("打开", () => shell.attempt(() => open(shell)), { class: "primary", "data-key": `open-${one.id}` }),
    one.settled_at === null && button("不要了，撤回", () => shell.attempt(async () => {
      await shell.api.post(`me/rights-requests/${one.id}/withdraw`);
      await shell.refresh();
    }), { class: "secondary", "data-key": `withdraw-${one.id}` })];
}

async function open(shell) {
  const file = await shell.api.post("me/export");
  const address = URL.createObjectURL(new Blob([file.text], { type: "text/plain;charset=utf-8" }));
  shell.sheet("我的资料", [el("p", { class: "hint" }, file.note),
    el("a", { class: "button", href: address, download: "我的资料.txt" }, "存到手机里"),
    el("pre", { class: "file-text", tabindex: "0" }, file.text)]);
}
