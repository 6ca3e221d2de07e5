// 交费: what is asked of one's homes, paying it through WeChat, and what was paid.

import { button, el, when } from "./dom.js";

const OWED = "me/charges";
const PAID = "me/payment-orders?limit=20";
// What wx.requestPayment says proves nothing: what is shown is what our own server knows of the order.
const SAID = {
  paid: (order) => `付好了，${yuan(order.amount)}。谢谢您。`,
  refunded: () => "这笔钱已经退给您了。",
  closed: () => "这次没有付，单子关了。要付的话，请再点一次“微信支付”。",
};

export const payments = { key: "payments", title: "交费", live: () => PAID, build: async (shell) => {
  const [{ items: owed }, { items: orders }] = await Promise.all([shell.api.get(OWED), shell.api.get(PAID)]);
  const open = owed.filter((charge) => !charge.is_paid);
  return [
    el("p", { class: "lead" }, open.length ? `有${open.length}笔要交。不会用手机付，也可以到服务站交。` : "现在没有要交的钱。"),
    open.map((charge) => asked(shell, charge)),
    history(shell, orders),
  ];
} };

function yuan(fen) {
  return `${(fen / 100).toFixed(2)}元`;
}

function asked(shell, charge) {
  const pay = button(`微信支付 ${yuan(charge.amount)}`, () => shell.attempt(() => payFor(shell, charge)), {
    class: "primary wide", "data-key": `pay-${charge.id}`,
  });
  return el("section", { "aria-label": charge.description }, el("h5", {}, charge.description),
    el("p", {}, `${charge.home}，`, el("strong", {}, yuan(charge.amount))), el("p", { class: "hint" }, `${when(charge.made_at)}开的单`), pay);
}

// An order that is open already is gone on with: nobody pays twice for tapping twice.
async function payFor(shell, charge) {
  const order = await shell.api.post(`charges/${charge.id}/orders`);
  await settle(shell, order);
}

async function settle(shell, order) {
  const parameters = await shell.api.post(`payment-orders/${order.id}/parameters`);
  shell.toast("请在微信支付里付款，或者点“不付了”。");
  await shell.api.requestPayment(parameters);
  const known = await shell.api.post(`payment-orders/${order.id}/ask`);
  await shell.refresh();
  shell.toast(SAID[known.state]?.(known) ?? "还没有付。想好了再点“微信支付”；已经扣了钱的，过一会儿这里会变成“已付”，不用再付。");
}

function history(shell, orders) {
  if (!orders.length) return null;
  return el("section", { "aria-label": "交过的" }, el("h5", {}, "交过的"), orders.map((order) => line(shell, order)));
}

function line(shell, order) {
  const isOpen = ["new", "prepaid"].includes(order.state);
  const about = order.paid_at ? `${when(order.paid_at)}付的，单号${order.number}` : `${when(order.created_at)}开始付的，单号${order.number}`;
  const cancel = isOpen && button("不付了", () => shell.attempt(async () => {
    const known = await shell.api.post(`payment-orders/${order.id}/cancel`);
    await shell.refresh();
    shell.toast(known.state === "paid" ? "这笔已经付好了，没有取消。" : "取消了。以后要付，再点“微信支付”。");
  }), { class: "secondary", "data-key": `cancel-${order.id}` });
  return el("div", {}, el("p", {}, el("strong", {}, order.state_name), ` ${order.description}，${yuan(order.amount)}`,
    order.refunded > 0 && `，退回${yuan(order.refunded)}`), el("p", { class: "hint" }, about), cancel);
}
