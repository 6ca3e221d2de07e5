// The buttons of a ticket, and the sheet that each opens when something has to be said with it.

import { button, el } from "./dom.js";
import { form } from "./form.js";
import { askForMessages } from "./grants.js";
import { pathOf } from "./moves.js";
import { openQuote, quoteBody, quoteFields, surveyFields } from "./money.js";
import { helpFields, returnFields, transferFields } from "./work.js";
import { ELSEWHERE, PAUSE, PURPOSE, SATISFACTION, URGENCY, options } from "./words.js";

const note = (label, more) => ({ kind: "text", name: "note", label, rows: 2, ...more });
const photos = (ticket, label, scene) => ({ kind: "photos", name: "photos", label, scene, category: ticket.category_code });

// label, what is said when it is done, and the fields; without fields a tap does it at once.
const ACTIONS = {
  triage: { label: "核实", done: "核实了，居民会收到消息。", fields: triageFields },
  assign: { label: (ticket) => (["assigned", "accepted"].includes(ticket.state) ? "改派" : "派单"),
    done: "派好了，师傅会收到消息。", fields: assignFields },
  reject: { label: "退回", done: "退回了，居民会看到理由。", danger: true, fields: () => [
    note("为什么退回？居民会看到", { required: true, phrases: ["这件事已经有人报过", "这是户内的，要自己请人修", "说得不清楚，请重新报"] })] },
  redirect: { label: "转办", done: "转出去了，居民会看到转给了谁。", fields: () => [
    { kind: "line", name: "to", label: "转给谁？", required: true, phrases: ELSEWHERE.slice(0, 5) },
    { kind: "line", name: "reference", label: "对方给的编号（没有就不填）" }, note("还要说的话（可不填）")] },
  close: { label: "归档", done: "归档了。", fields: () => [note("还要记的话（可不填）")] },
  rotate: { label: "轮派", done: "派给轮到的师傅了。" },
  accept_help: { label: "请人帮忙", done: "请好了，来帮忙的人会收到消息。", fields: helpFields },
  grab: { label: "抢单", done: "这单是您的了。到了现场点“到场”。", asks: true },
  take_over: { label: "接手", done: "接过来了。到了现场点“到场”。", asks: true },
  turn_down: { label: "不接手", done: "告诉同事了，还是他来修。", fields: () => [note("说一句（可不填）")] },
  transfer: { label: "转给同事", done: "问过同事了，他接手以前还是您的活。", fields: transferFields },
  return: { label: "交回服务站", done: "交回去了，服务站会另外派人。", danger: true, fields: returnFields },
  offer_help: { label: "我来帮忙", done: "谢谢您。服务站定了会告诉您。", fields: () => [
    note("说一句（可不填）", { phrases: ["我会修", "我家有梯子和工具"] })] },
  survey: { label: "勘查定责", done: "记下了，居民会看到谁出钱。", fields: surveyFields },
  quote: { label: "报价", done: "报价发给居民了，他同意了再动工。", fields: quoteFields, body: quoteBody },
  withdraw_quote: { label: "撤回报价", done: "报价撤回了。", about: openQuote, fields: () => [note("为什么撤回？", { required: true })] },
  agree_quote: { label: "同意报价", done: "您同意了，师傅可以动工了。", about: openQuote, fields: () => [] },
  decline_quote: { label: "不同意报价", done: "告诉师傅了，不收您的钱。", about: openQuote, fields: () => [
    note("为什么？（可不填）", { phrases: ["太贵了", "我自己找人修"] })] },
  accept: { label: "接单", done: "接单了。到了现场点“到场”。", asks: true },
  arrive: { label: "到场", done: "记下了：您到场了。" },
  make_safe: { label: "已防护", done: "防护记下了，可以开工了。", fields: (ticket) => [
    photos(ticket, "围挡和警示牌拍一张", "barrier"), note("说一句（可不填）", { phrases: ["围挡和警示牌放好了"] })] },
  start: { label: "开工", done: "开工了。修好了点“完工”。" },
  resume: { label: "恢复", done: "恢复了，接着干。" },
  finish: { label: "完工", done: "完工了，等报修人确认。", asks: true, fields: (ticket) => [
    photos(ticket, "修好以后拍一张", "mended"), note("修了什么？", { phrases: ["换了新的", "修好了，试过没问题"] })] },
  pause: { label: "暂停", done: "暂停了，居民会看到原因。", fields: () => [
    { kind: "choice", name: "reason", label: "为什么暂停？", options: options(PAUSE) }, note("还要说的话（可不填）")] },
  confirm: { label: "确认修好了", done: "谢谢您去看过。", then: (shell, ticket) => openForm(shell, ticket, "rate") },
  reopen: { label: "没修好", done: "告诉服务站了，会再派人来。", asks: true, fields: () => [
    note("哪里没修好？", { required: true, phrases: ["还是老样子", "好了一会儿又坏了", "还晃，没垫实"] })] },
  rate: { label: "评价", done: "谢谢您的评价。", fields: () => [
    { kind: "choice", name: "satisfaction", label: "这次修得怎么样？", options: options(SATISFACTION) },
    { kind: "text", name: "words", label: "想说的话（可不填）", rows: 2, phrases: ["师傅来得快，谢谢"] }] },
  urge: { label: "催一催", done: "催过了，服务站会看到。", asks: true },
  cancel: { label: "撤销", done: "撤销了。", danger: true, fields: () => [note("为什么不修了？（可不填）", { phrases: ["自己弄好了"] })] },
  note: { label: "留言", done: "留言写上了。", fields: () => [
    { kind: "text", name: "text", label: "想说什么？", required: true }] },
  reveal_contact: { label: "查看电话", fields: () => [
    { kind: "choice", name: "purpose", label: "为什么要打电话？居民会看到", options: options(PURPOSE) }] },
};

const LESSER = new Set(["note", "reveal_contact", "cancel", "reject", "redirect", "pause", "transfer", "return", "offer_help", "survey",
  "quote", "withdraw_quote", "decline_quote"]);

// The buttons that the state and the hat allow: the next step large, the others after it.
export function actionButtons(shell, ticket) {
  const names = ticket.actions.filter((name) => name in ACTIONS);
  const nodes = names.map((name, place) => button(labelOf(name, ticket), () => begin(shell, ticket, name), {
    class: place === 0 && !LESSER.has(name) ? "primary" : "secondary", "data-key": `action-${name}`,
  }));
  const enough = ticket.mine && ticket.state === "done_by_worker" && !names.includes("reopen") &&
    el("p", { class: "hint" }, "已经返修两次了。还没修好，请直接找社区居委会。");
  return el("div", { class: "actions", role: "group", "aria-label": "可以做的事" }, nodes, enough);
}

function labelOf(name, ticket) {
  const { label } = ACTIONS[name];
  return typeof label === "function" ? label(ticket) : label;
}

function begin(shell, ticket, name) {
  if (ACTIONS[name].fields) return shell.attempt(() => openForm(shell, ticket, name));
  return shell.attempt(() => perform(shell, ticket, name, {}));
}

async function openForm(shell, ticket, name) {
  const action = ACTIONS[name];
  const label = labelOf(name, ticket);
  const fields = await action.fields(ticket, shell);
  const work = name === "reveal_contact" ? showContact : perform;
  const about = await action.about?.(ticket, shell);
  const body = (values) => ({ ...(action.body?.(values) ?? values), ...(about && { quote_id: about.id }) });
  const send = (values, key) => orShowHowItStands(shell, work(shell, ticket, name, body(values), key));
  shell.sheet(label, [about?.node, form(shell, fields, { submit: label, danger: action.danger, send })], { closeLabel: "不了" });
}

// When somebody else was faster, the form is of no use any more: the ticket is shown as it is now.
async function orShowHowItStands(shell, work) {
  try {
    await work;
  } catch (problem) {
    if (![409, 412].includes(problem.status)) throw problem;
    await shell.refresh();
    shell.toast(problem.message, true);
  }
}

async function perform(shell, ticket, name, values, key) {
  const action = ACTIONS[name];
  const moved = await shell.api.post(`tickets/${ticket.id}/${pathOf(name)}`, values, { key, version: ticket.version });
  await shell.refresh();
  shell.toast(action.done);
  if (action.then) await action.then(shell, { ...ticket, ...moved });
  else if (action.asks) await askForMessages(shell);
}

async function showContact(shell, ticket, name, values) {
  const contact = await shell.api.post(`tickets/${ticket.id}/${pathOf(name)}`, values);
  await shell.refresh();
  const number = contact.phone.replace(/^\+86/, "");
  shell.sheet("联系电话", [el("p", { class: "contact" }, contact.name || "报修人", el("strong", {}, number)),
    el("p", { class: "hint" }, "您看过电话，单子上已经记下，居民也看得到。")]);
}

async function triageFields(ticket, shell) {
  const { items } = await shell.api.get("categories");
  return [
    { kind: "choice", name: "urgency", label: "多急？", value: ticket.urgency, options: options(URGENCY) },
    { kind: "select", name: "category", label: "类别", value: ticket.category_code,
      options: items.map((one) => ({ value: one.code, label: one.name })) },
    note("说一句（可不填）")];
}

async function assignFields(ticket, shell) {
  const { items } = await shell.api.get(`neighborhoods/${ticket.neighborhood_id}/duty`);
  const workers = items.filter((one) => one.role === "repairer");
  const none = "小区还没有维修师傅。请社区先任命一位，或者请管机器的人登记，再来派单。";
  return [
    { kind: "choice", name: "assignee_id", label: workers.length ? "派给谁？" : none, wide: true, value: ticket.assignee_id,
      options: workers.map((one) => ({ value: one.id, label: one.name, hint: `手上 ${one.open_jobs} 单` })) },
    note("交代一句（可不填）", { phrases: ["先围挡，再修", "到之前先打个电话"] })];
}
