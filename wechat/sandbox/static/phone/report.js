// Reporting: a resident's own report, and what the station writes down for somebody who called.

import { previewOf } from "./board.js";
import { button, el } from "./dom.js";
import { form } from "./form.js";
import { askForMessages } from "./grants.js";
import { homeFinder } from "./homes.js";
import { residencies } from "./residencies.js";
import { openTicket } from "./ticket.js";
import { SOURCE, URGENCY, options } from "./words.js";

const EMERGENCY = "这类算急修，服务站马上会看到。有危险请先离远；着火打119，伤了人打120。";
const MOSTLY_AT_HOME = new Set(["water", "heat", "neighbor_leak"]);

// The first screen of a resident: what is broken?
export const report = { key: "report", title: "哪里坏了？", build: chooseCategory };

// A report at a place that is known already: scanned from a wall.
export const reportAt = (place, label) => ({ key: "report", title: "哪里坏了？", build: (shell) => chooseCategory(shell, { place, label }) });

async function chooseCategory(shell, known = null) {
  const [{ items: categories }, { items: homes }] = await Promise.all([
    shell.api.get("categories"), shell.api.get("me/homes")]);
  if (!homes.length) {
    return [el("p", { class: "empty" }, "您的微信还没有绑定房屋，暂时不能报修。服务站给过邀请码的，去输入；没有的，自己申请。"),
      button("申请登记房屋", () => shell.show(residencies), { class: "primary" }),
      button("去输入邀请码", () => shell.openTabNamed("me"), { class: "secondary" })];
  }
  const tiles = categories.map((one) => button([
    el("strong", {}, one.name), el("span", { class: "hint" }, one.examples.split("、")[0])],
  () => shell.show({ key: "report-form", title: one.name, build: () => reportForm(shell, one, homes, known) }), {
    class: one.default_urgency === "p1" ? "tile urgent" : "tile", "data-key": `category-${one.code}`,
  }));
  return [el("p", { class: "lead" }, `${shell.api.acting?.principal ?? shell.name}，您好。点一下坏了的东西：`), el("div", { class: "tiles" }, tiles)];
}

async function reportForm(shell, category, homes, known) {
  const { items: buildings } = await shell.api.get(`neighborhoods/${homes[0].neighborhood_id}/buildings`);
  const at = places(homes, buildings);
  const first = MOSTLY_AT_HOME.has(category.code) ? `home-${homes[0].id}` : `building-${homes[0].building_id}`;
  const fields = [
    !known && { kind: "select", name: "place", label: "在哪里？", value: first, options: at },
    { kind: "line", name: "place_note", label: "再说细一点（可不填）", value: known?.place.place_note ?? "", phrases: ["门口", "东侧路边", "楼梯间"] },
    { kind: "text", name: "text", label: "出了什么事？", required: true, phrases: category.examples.split("、") },
    { kind: "photos", name: "photos", label: category.wants_photo ? "拍张照片，师傅好准备" : "照片（可不拍）",
      scene: "broken", category: category.code },
  ].filter(Boolean);
  const body = ({ place, ...rest }) => ({ category: category.code, ...(known ? known.place : placeOf(place)), ...rest });
  const send = async (values, key) => {
    const filed = await shell.api.post("tickets", body(values), { key });
    await afterFiling(shell, filed, "mine");
    await askForMessages(shell);
  };
  return [known && el("p", { class: "next" }, `地方：${known.label}`), category.default_urgency === "p1" && el("p", { class: "next" }, EMERGENCY),
    form(shell, fields, { submit: "报上去", send, look: previewOf(shell, body) })];
}

async function afterFiling(shell, filed, tab) {
  await shell.openTabNamed(tab);
  await openTicket(shell, filed.id);
  shell.toast(`报上去了：${filed.number}，${URGENCY[filed.urgency]}。`);
}

function places(homes, buildings) {
  return [
    ...homes.map((home) => ({ value: `home-${home.id}`, label: `家里：${home.label}` })),
    ...buildings.map((one) => ({ value: `building-${one.id}`, label: `公共部位：${one.name}` })),
    { value: `neighborhood-${homes[0].neighborhood_id}`, label: "公共部位：小区路面、大门等" },
  ];
}

// A place that needs no finding.
function placeAt({ place, label }) {
  return { node: el("p", { class: "next" }, `地方：${label}`), value: () => place };
}

// "building-7" → {building_id: 7}
function placeOf(place) {
  const [kind, id] = place.split("-");
  return { [`${kind}_id`]: Number(id) };
}

// A phone call, a visit or a note: the same ticket with the same clocks.
export const record = { key: "record", title: "代居民报修", build: (shell) => recordForm(shell) };
export const recordAt = (place, label) => ({ key: "record", title: "代居民报修", build: (shell) => recordForm(shell, { place, label }) });

async function recordForm(shell, known = null) {
  const neighborhood = shell.api.hat.neighborhood_id;
  const [{ items: categories }, { items: buildings }] = await Promise.all([
    shell.api.get("categories"), shell.api.get(`neighborhoods/${neighborhood}/buildings`)]);
  const finder = known ? placeAt(known) : homeFinder(shell, neighborhood, buildings);
  const fields = [
    { kind: "select", name: "category", label: "什么坏了？",
      options: categories.map((one) => ({ value: one.code, label: one.name })) },
    { kind: "text", name: "text", label: "居民怎么说的？", required: true },
    { kind: "line", name: "caller_name", label: "报修人姓名（没登记的才填）" },
    { kind: "line", name: "caller_phone", label: "报修人电话（没登记的才填）", type: "tel", inputmode: "tel" },
    { kind: "choice", name: "source", label: "怎么来的？", value: "phone", wide: true, options: options(SOURCE) },
  ];
  const send = async (values, key) => {
    const filed = await shell.api.post("tickets/recorded", { ...values, ...finder.value() }, { key });
    await afterFiling(shell, filed, "station");
  };
  return [finder.node, form(shell, fields, { submit: "登记", send })];
}
