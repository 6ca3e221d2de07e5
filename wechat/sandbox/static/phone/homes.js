// Finding the home that somebody on the phone speaks of, and who lives there.

import { el, unique } from "./dom.js";
import { makeField } from "./fields.js";

const SHOWN = 8;

// Returns {node, value()}: the home and the resident that were chosen, or (with buildings) the common part of one.
export function homeFinder(shell, neighborhood, buildings, { where = "先找到报修人的家", who: asks = "谁报的？" } = {}) {
  const found = el("div", { class: "found" });
  const words = el("input", { id: unique("find"), type: "search", autocomplete: "off", placeholder: "如：1-1-201" });
  const chosen = { home: null, person: null };
  const common = makeField(shell, { kind: "select", name: "building", label: "或者是哪栋楼的公共部位", value: 0,
    options: [{ value: 0, label: "不是，是家里" }, ...buildings.map((one) => ({ value: one.id, label: one.name }))] });

  async function find() {
    const text = words.value.trim();
    const query = new URLSearchParams({ limit: SHOWN, ...(text && { text }) });
    const { items } = await shell.api.get(`neighborhoods/${neighborhood}/homes?${query}`);
    found.replaceChildren(items.length ? homeChoice(items) : el("p", {}, "没有找到。换个说法试试，比如“1-1-201”。"));
  }

  function homeChoice(items) {
    return makeField(shell, { kind: "choice", name: "home", label: "是哪一家？", wide: true,
      options: items.map((one) => ({ value: one.id, label: one.label })),
      onchange: (id) => shell.attemptHere(() => showResidents(id)) }).node;
  }

  async function showResidents(home) {
    Object.assign(chosen, { home, person: null });
    const { items } = await shell.api.get(`homes/${home}/residents`);
    const people = items.map((one) => ({ value: one.id, label: one.name ?? "没有登记姓名", hint: one.kind_name }));
    const who = makeField(shell, { kind: "choice", name: "person", label: asks, wide: true, value: null,
      options: [...people, { value: null, label: "都不是" }], onchange: (id) => { chosen.person = id; } });
    found.querySelector(".who")?.remove();
    found.append(el("div", { class: "who" }, who.node));
  }

  function value() {
    const building = common.value();
    if (building) return { building_id: building };
    return { ...(chosen.home && { home_id: chosen.home }), ...(chosen.person && { person_id: chosen.person }) };
  }

  const search = el("form", { class: "field", role: "search", onsubmit: (event) => { event.preventDefault(); shell.attemptHere(find); } },
    el("label", { for: words.id }, where), el("div", { class: "row" }, words,
      el("button", { type: "submit", class: "secondary" }, "找")));
  return { node: el("div", { class: "finder" }, search, found, buildings.length > 0 && common.node), value };
}
