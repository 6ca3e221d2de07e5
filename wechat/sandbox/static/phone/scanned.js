// A code on a wall was scanned, or its number typed: what it is, and what this person can do there.

import { button, el } from "./dom.js";
import { nearby } from "./board.js";
import { form } from "./form.js";
import { recordAt, reportAt } from "./report.js";
import { residencies } from "./residencies.js";
import { openTicket } from "./ticket.js";

export const SCAN_PAGE = "pages/scan/index";

const look = (shell, scanned) => shell.api.post("codes/scan", { scanned });
const page = (find) => ({ key: "scanned", title: "扫到了", build: async (shell) => place(shell, await find()) });

export function openScanned(shell, scanned) {
  return shell.show(page(() => look(shell, scanned)));
}

// For those who cannot scan: the number below the code, read off the card or heard on the phone.
export function numberEntry(shell) {
  const send = async ({ scanned }) => {
    const found = await look(shell, scanned);
    return shell.show(page(() => found));
  };
  const fields = [{ kind: "line", name: "scanned", label: "扫不了？输入码下面的编号", inputmode: "numeric", required: true }];
  return el("section", { "aria-label": "墙上的码" }, el("h5", {}, "墙上的码"), form(shell, fields, { submit: "找这个地方", send }));
}

function place(shell, found) {
  const ways = {
    report: () => shell.show(reportAt(found.report, found.label)),
    record: () => shell.show(recordAt(found.report, found.label)),
    board: () => shell.show(nearby),
    join: () => shell.show(residencies),
    open: () => openTicket(shell, found.ticket_id),
  };
  return [el("p", { class: "lead" }, found.said),
    found.number && el("p", { class: "hint" }, `编号 ${found.number}`),
    ...found.can.map((one) => button(one.name, ways[one.do], { class: "primary", "data-key": `can-${one.do}` }))];
}
