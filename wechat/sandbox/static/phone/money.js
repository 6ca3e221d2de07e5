// Who pays: the sheets of the survey and of quotes.

import { el, when } from "./dom.js";
import { PARTY, options, yuan } from "./words.js";

const HUNDRED = 100;

export const surveyFields = (ticket) => [
  { kind: "choice", name: "party", label: "归谁管、谁出钱？", wide: true, value: ticket.responsible_party, options: options(PARTY) },
  { kind: "text", name: "words", label: "看到了什么？居民会看到", required: true, rows: 2,
    phrases: ["阀门后面的管子，在户内", "楼里共用的立管", "水表前面的管子"] },
  { kind: "photos", name: "photos", label: "拍一张（说是人为弄坏的，必须拍）", scene: "broken", category: ticket.category_code },
  ...(ticket.responsible_party ? [{ kind: "text", name: "reason", label: "以前定过，为什么改？", required: true, rows: 2 }] : [])];

// One line is enough on a phone: by the public list, or free with a reason.
export async function quoteFields(ticket, shell) {
  const { items } = await shell.api.get(`neighborhoods/${ticket.neighborhood_id}/price-list?limit=100`);
  const listed = items.map((one) => ({ value: one.id, label: `${one.name} ${yuan(one.price_fen)}/${one.unit}` }));
  return [
    { kind: "choice", name: "price_item_id", label: listed.length ? "价目表里的" : "价目表还是空的，请写在下面。", wide: true, options: listed },
    { kind: "line", name: "name", label: "价目表里没有的：做什么？" },
    { kind: "line", name: "price", label: "多少钱？（元）", inputmode: "decimal" },
    { kind: "line", name: "reason", label: "为什么收？居民会看到" },
    { kind: "line", name: "quantity", label: "几个、几米？（不填就是1）", inputmode: "decimal" }];
}

// What the form says, as the server takes it.
export function quoteBody({ price_item_id, name, price, reason, quantity }) {
  const quantity_centi = Math.round(Number(quantity ?? 1) * HUNDRED);
  const free = { name, unit: "项", price_fen: Math.round(Number(price) * HUNDRED), reason };
  return { lines: [{ quantity_centi, ...(price_item_id ? { price_item_id } : free) }] };
}

// The quote that waits, spelled out before the tap; and its number goes with it.
export async function openQuote(ticket, shell) {
  const { items } = await shell.api.get(`tickets/${ticket.id}/quotes`);
  const open = items.find((one) => !one.withdrawn_at && (one.id === ticket.open_quote_id || ticket.open_quote_id === null));
  const lines = open.lines.map((line) => el("li", {},
    `${line.name} ${yuan(line.price_fen)}/${line.unit} × ${line.quantity_centi / HUNDRED}，${yuan(line.amount_fen)}`,
    line.reason && el("span", { class: "hint" }, `　${line.reason}`)));
  return { id: open.id, node: el("div", {}, el("p", {}, el("strong", {}, `合计 ${yuan(open.sum_fen)}`)), el("ul", {}, lines),
    el("p", { class: "hint" }, `${when(open.valid_until)}以前有效。您同意了才动工。`)) };
}
