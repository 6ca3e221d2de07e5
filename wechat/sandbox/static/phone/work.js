// What is asked when work goes from hand to hand, and who can mend what.

import { button, el } from "./dom.js";
import { form } from "./form.js";
import { RETURN, TRANSFER, options } from "./words.js";

const note = (label) => ({ kind: "text", name: "note", label, rows: 2 });

export const returnFields = () => [
  { kind: "choice", name: "reason", label: "为什么交回？居民会看到", options: options(RETURN) },
  note("还要说的话（选“其他”要写）")];

export async function transferFields(ticket, shell) {
  const { items } = await shell.api.get(`neighborhoods/${ticket.neighborhood_id}/duty`);
  const others = items.filter((one) => one.role === "repairer" && one.id !== ticket.assignee_id);
  return [
    { kind: "choice", name: "to_id", label: others.length ? "转给哪位同事？" : "没有别的师傅。去不了，请交回服务站。", wide: true,
      options: others.map((one) => ({ value: one.id, label: one.name, hint: `手上 ${one.open_jobs} 单` })) },
    { kind: "choice", name: "reason", label: "为什么转？", options: options(TRANSFER) },
    note("还要说的话（选“其他”要写）")];
}

export async function helpFields(ticket, shell) {
  const { items } = await shell.api.get(`tickets/${ticket.id}/help-offers`);
  const waiting = items.filter((one) => !one.answer);
  return [
    { kind: "choice", name: "offer_id", label: waiting.length ? "请哪一位？" : "现在还没有人说愿意帮忙。", wide: true,
      options: waiting.map((one) => ({ value: one.id, label: one.helper, hint: one.words ?? "" })) },
    note("交代一句（可不填）")];
}

// For the station's manager: what a worker can mend, and how much at once.
export function skillsButton(shell, worker) {
  return button("会修什么", () => shell.attempt(() => openSkills(shell, worker)), { class: "secondary", "data-key": `skills-${worker.id}` });
}

async function openSkills(shell, { id, name }) {
  const place = `neighborhoods/${shell.api.hat.neighborhood_id}/workers`;
  const [{ items: kinds }, { items: workers }] = await Promise.all([shell.api.get("categories"), shell.api.get(place)]);
  const known = workers.find((one) => one.id === id);
  const fields = [
    { kind: "checks", name: "categories", label: `${name}会修什么？`, value: known?.categories,
      options: kinds.map((one) => ({ value: one.code, label: one.name })) },
    { kind: "line", name: "most", label: `手上最多几单？（不填就按站里的规定，现在是${known?.most}单）`, inputmode: "numeric" }];
  const send = async (values, key) => {
    // What is no number is sent as it is, so that the server says what to write.
    const most = /^\d+$/.test(values.most ?? "") ? Number(values.most) : values.most ?? null;
    await shell.api.put(`${place}/${id}`, { ...values, most }, { key });
    await shell.refresh();
    shell.toast("记下了。");
  };
  shell.sheet("会修什么", [el("p", { class: "hint" }, "抢单、轮派都按这里来。"), form(shell, fields, { submit: "记下", send })], { closeLabel: "不了" });
}
