// Oneself: hats, homes, the code from the station, and what WeChat may send.

import { isSameHat } from "./api.js";
import { scanner, signInsButton } from "./console.js";
import { button, el } from "./dom.js";
import { form } from "./form.js";
import { askForMessages, messagesLeft } from "./grants.js";
import { mandates } from "./mandates.js";
import { stationMandatesButton } from "./mandates_station.js";
import { handoverList, whoLooksAfter } from "./org.js";
import { privacy } from "./privacy.js";
import { residencies } from "./residencies.js";
import { payments } from "./payments.js";
import { shareButton } from "./sharing.js";
import { numberEntry } from "./scanned.js";

export const me = { key: "me", title: "我的", build: async (shell) => {
  const [person, { items: homes }, left] = await Promise.all([
    shell.api.get("me"), shell.api.get("me/homes"), messagesLeft(shell)]);
  const isResident = person.hat.role === "resident";
  return [who(person), isResident && button("我的房屋", () => shell.show(residencies), { class: "secondary wide", "data-key": "residencies" }),
    isResident && button("交费", () => shell.show(payments), { class: "secondary wide", "data-key": "payments" }),
    button("我的资料", () => shell.show(privacy), { class: "secondary wide", "data-key": "privacy" }),
    button("我的代办", () => shell.show(mandates), { class: "secondary wide", "data-key": "mandates" }),
    stationMandatesButton(shell), shareButton(shell), hats(shell, person), await handoverList(shell), messages(shell, left), ownHomes(homes, isResident),
    await whoLooksAfter(shell, homes), code(shell), numberEntry(shell), scanner(shell), signInsButton(shell)];
} };

function who(person) {
  return el("p", { class: "lead" }, el("strong", {}, person.known_as ?? person.name ?? "还没有登记姓名"),
    ` ${person.phone ?? ""}`);
}

function hats(shell, person) {
  const rows = person.hats.map((hat) => {
    const worn = isSameHat(hat, person.hat);
    const name = hat.unit_name ? `${hat.title} · ${hat.unit_name}` : hat.title;
    return button(worn ? `✓ ${name}（正用着）` : name, () => shell.attempt(async () => {
      await shell.api.wear(hat);
      await shell.begin();
      shell.toast(`现在的身份是“${name}”。`);
    }), { class: "secondary wide", "aria-pressed": String(worn) });
  });
  return el("section", { "aria-label": "我的身份" }, el("h5", {}, "我的身份"), rows);
}

function messages(shell, left) {
  return el("section", { "aria-label": "微信通知" }, el("h5", {}, "微信通知"), left.map((line) => el("p", {}, line)),
    button("允许通知", () => shell.attempt(() => askForMessages(shell, { evenIfLeft: true })), { class: "secondary wide" }));
}

function ownHomes(homes, isResident) {
  const none = isResident ? "还没有绑定房屋。有邀请码的在下面输入；没有的，点上面的“我的房屋”申请。" : "还没有绑定房屋。换成“居民”的身份，就能申请。";
  const rows = homes.map((home) => el("p", {}, `${home.label}（${home.kind_name}）`));
  return el("section", { "aria-label": "我的家" }, el("h5", {}, "我的家"), rows.length ? rows : el("p", {}, none));
}

function code(shell) {
  const send = async ({ code: words }) => {
    await shell.api.redeem(words.replaceAll(" ", ""));
    await shell.begin();
    shell.toast(shell.api.hat.role === "resident" ? "绑定好了，可以报修了。" : `绑定好了，您现在的身份是“${shell.api.hat.title}”。`);
  };
  const fields = [{ kind: "line", name: "code", label: "服务站给的邀请码", required: true }];
  return el("section", { "aria-label": "输入邀请码" }, el("h5", {}, "输入邀请码"), form(shell, fields, { submit: "绑定", send }));
}
