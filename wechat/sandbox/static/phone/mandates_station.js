// 居民的代办: what the station does about mandates: take a consent by word or on paper, end one, and call at the month's end.

import { button, el } from "./dom.js";
import { form } from "./form.js";
import { homeFinder } from "./homes.js";
import { paperButton } from "./mandates.js";

const CALLERS = new Set(["station_manager", "station_clerk", "grid_leader"]);
const ASKED = [
  { value: "principal", label: "委托人说的" }, { value: "agent", label: "代办人说的" },
  { value: "station", label: "都不是，站里停的" },
];
const WAYS = [{ value: "spoken", label: "当面或者电话里说的" }, { value: "paper", label: "纸上签了字" }];

const placeOf = (shell) => `neighborhoods/${shell.api.hat.neighborhood_id}`;

// The way in, for hats that have to do with it.
export function stationMandatesButton(shell) {
  if (!CALLERS.has(shell.api.hat.role) || shell.api.hat.neighborhood_id === null) return null;
  return button("居民的代办", () => shell.show(stationMandates), { class: "secondary wide", "data-key": "station-mandates" });
}

const stationMandates = { key: "station-mandates", title: "居民的代办", build: async (shell) => {
  const [calls, alive] = await Promise.all([
    shell.api.get(`${placeOf(shell)}/read-backs?limit=50`), shell.api.get(`${placeOf(shell)}/mandates?limit=50`)]);
  return [button("登记一份委托", () => shell.show(recordForm), { class: "primary", "data-key": "record-mandate" }),
    section("要打的回访电话", calls.items, (one) => callLine(shell, one), "没有要打的电话。每月1号会有新的。"),
    section("现在谁替谁办", alive.items, (one) => mandateLine(shell, one), "本小区还没有人代办。")];
} };

function section(title, items, line, empty) {
  return el("section", { "aria-label": title }, el("h5", {}, title), items.length
    ? el("ul", { class: "people" }, items.map((one) => el("li", {}, line(one)))) : el("p", {}, empty));
}

function callLine(shell, one) {
  const tried = one.tries > 0 && el("p", { class: "hint" }, `打过${one.tries}次，没打通`);
  return [el("p", {}, el("strong", {}, one.principal), el("span", {}, one.phone ?? "没有留电话")),
    el("p", { class: "hint" }, `${one.month_name}，${one.agent}（${one.relation_name}）替办了${one.acts}件`), tried,
    button("看电话，打过去", () => shell.attempt(() => call(shell, one.id)), {
      class: "secondary", "data-key": `call-${one.id}`,
    })];
}

async function call(shell, id) {
  const path = `read-backs/${id}`;
  const contact = await shell.api.post(`${path}/contact`);
  const one = await shell.api.get(path);
  const done = (words, work) => () => shell.attempt(async () => {
    await work();
    await shell.refresh();
    shell.toast(words);
  });
  const agreed = done("记下了：本人同意。", () => shell.api.post(`${path}/answer`, { answer: "agreed" }));
  const nobody = done("记下了：没打通，留在名单里。", () => shell.api.post(`${path}/not-reached`));
  const question = form(shell, [{ kind: "text", name: "words", label: "本人怎么说的？", rows: 2, required: true,
    phrases: ["这件事我不知道", "不是我的意思"] }], { submit: "有疑问", send: ({ words }, key) => done("告诉站长了。",
    () => shell.api.post(`${path}/answer`, { answer: "question", words }, { key }))() });
  const number = contact.phone?.replace(/^\+86/, "") ?? "没有留电话，请上门";
  shell.sheet("回访", [el("p", { class: "contact" }, contact.name, el("strong", {}, number)),
    el("p", {}, `请念给本人听：${one.month_name}，${one.agent}（${one.relation_name}）替您办了这些事，是您知道的吧？`),
    el("ol", {}, one.lines.map((line) => el("li", {}, `${line}。`))),
    el("div", { class: "row" }, button("没打通", nobody, { class: "secondary" }), button("同意", agreed, { class: "primary" })),
    question], { closeLabel: "先不打" });
}

function mandateLine(shell, one) {
  return [el("p", {}, el("strong", {}, `${one.agent ?? "等对方答应"}（${one.relation_name}）代${one.principal}`), el("span", {}, one.state_name)),
    el("p", { class: "hint" }, `${one.area_names.join("、")}，到${one.last_day}为止；${one.consent_name}`),
    el("div", { class: "row" }, button("停掉", () => end(shell, one), { class: "secondary", "data-key": `end-${one.id}` }),
      paperButton(shell, one))];
}

function end(shell, one) {
  const fields = [{ kind: "choice", name: "asked_by", label: "谁要停的？", wide: true, value: "principal", options: ASKED }];
  const send = async (values, key) => {
    await shell.api.post(`mandates/${one.id}/end`, values, { key });
    await shell.refresh();
    shell.toast("停了，双方都会收到消息。");
  };
  shell.sheet("停掉这份委托", [form(shell, fields, { submit: "停掉", danger: true, send })], { closeLabel: "不了" });
}

// By word: read out, heard by two.  On paper: signed and photographed.
const recordForm = { key: "record-mandate", title: "登记一份委托", build: async (shell) => {
  const { relations, areas, texts } = await shell.api.get("me/mandates/choices");
  const finder = homeFinder(shell, shell.api.hat.neighborhood_id, [], { where: "先找到委托人的家", who: "谁要请人代办？" });
  const words = el("p", { class: "next" });
  const say = (way) => { words.textContent = texts.find((one) => one.consent === way).words; };
  say("spoken");
  const fields = [
    { kind: "choice", name: "consent", label: "怎么同意的？", wide: true, value: "spoken", options: WAYS, onchange: say },
    { kind: "line", name: "agent_name", label: "代办人姓名", required: true },
    { kind: "line", name: "agent_phone", label: "代办人电话", type: "tel", inputmode: "tel", required: true },
    { kind: "choice", name: "relation", label: "是委托人的什么人？", value: "daughter", options: named(relations) },
    { kind: "checks", name: "areas", label: "代办哪些事？", value: ["tickets"],
      options: named(areas.filter((one) => one.value !== "votes")) },
    { kind: "tick", name: "votes", label: "也代投票（要纸上签字）" },
    { kind: "line", name: "witness_name", label: "见证人姓名（口头的要填）" },
    { kind: "line", name: "witness_phone", label: "见证人电话（口头的要填）", type: "tel", inputmode: "tel" },
    { kind: "photos", name: "photos", label: "签了字的委托书拍一张（纸上的要拍）", scene: "broken" },
  ];
  const send = async (values, key) => {
    const made = await shell.api.post(`${placeOf(shell)}/mandates`, bodyOf(values, finder.value(), texts), { key });
    await shell.back();
    if (made.code) showCode(shell, made.code);
    else shell.toast("登记好了，双方都会收到消息。");
  };
  return [words, finder.node, form(shell, fields, { submit: "登记", send })];
} };

function bodyOf(values, found, texts) {
  const { consent, relation, areas, votes } = values;
  const spoken = consent === "spoken";
  const witness = { name: values.witness_name, phone: values.witness_phone };
  return { consent, relation, areas, votes,
    principal_id: found.person_id ?? 0,
    agent: { name: values.agent_name, phone: values.agent_phone },
    text_id: texts.find((one) => one.consent === consent).id,
    consented_at: new Date(Date.now() - 1000).toISOString(),
    ...(spoken && witness.name && { witness }),
    ...(!spoken && values.photos.length > 0 && { photo: values.photos[0] }) };
}

function named(items) {
  return items.map((one) => ({ value: one.value, label: one.name }));
}

function showCode(shell, code) {
  shell.sheet("代办人的邀请码", [
    el("p", { class: "contact" }, "代办人是新来的，请告诉对方：", el("strong", {}, `${code.slice(0, 4)} ${code.slice(4)}`)),
    el("p", { class: "hint" }, "对方打开五有，在“我的”里的“输入邀请码”输入，就能在“我的代办”里看到委托人。")]);
}
