// A code on a wall was scanned: what it is, and what this person can do there.

import { button, el } from "./dom.js";
import { nearby } from "./cards.js";
import { reportAt } from "./report.js";
import { openTicket } from "./ticket.js";

export const SCAN_PAGE = "pages/scan/index";

export function openScanned(shell, scanned) {
  return shell.show({ key: "scanned", title: "扫到了", build: () => scannedScreen(shell, scanned) });
}

async function scannedScreen(shell, scanned) {
  const found = await shell.api.post("codes/scan", { scanned });
  const ways = {
    report: () => shell.show(reportAt(found.report, found.label)),
    board: () => shell.show(nearby),
    open: () => openTicket(shell, found.ticket_id),
  };
  return [el("p", { class: "lead" }, found.said),
    found.number && el("p", { class: "hint" }, `编号 ${found.number}`),
    ...found.can.filter((one) => one.do in ways)
      .map((one) => button(one.name, ways[one.do], { class: "primary", "data-key": `can-${one.do}` }))];
}
