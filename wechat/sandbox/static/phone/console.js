// 扫一扫: letting a computer in; and 我的登录: where one is signed in, with a button to end each.

import { isSameHat } from "./api.js";
import { button, el, when } from "./dom.js";
import { form } from "./form.js";

// wx.scanCode: here the code is typed or pasted, because a simulated phone has no camera.
export function scanner(shell) {
  const send = async ({ code }) => {
    const question = await shell.api.post("console-requests/look", { code });
    shell.show(confirmation(code, question));
  };
  const fields = [{ kind: "line", name: "code", label: "电脑上二维码下面的码", required: true }];
  return el("section", { "aria-label": "扫一扫" }, el("h5", {}, "扫一扫，登录电脑"), form(shell, fields, { submit: "扫一扫", send }));
}

// Who asks, from where and since when: nobody should say yes to a computer that is not in front of them.
function confirmation(code, question) {
  return { key: "console", title: "登录电脑", build: (shell) => {
    const { hats } = question;
    const options = hats.map((hat, place) => ({ value: place, label: nameOf(hat) }));
    const worn = Math.max(hats.findIndex((hat) => isSameHat(hat, shell.api.hat)), 0);
    const send = async ({ place }) => {
      const { membership_id, case_key_id } = hats[place];
      await shell.api.post("console-requests/confirm", { code, membership_id, case_key_id });
      await shell.back();
      shell.toast("好了，请看电脑。");
    };
    const refuse = () => shell.attemptHere(async () => {
      await shell.api.post("console-requests/refuse", { code });
      await shell.back();
      shell.toast("没有登录。要是有人让您扫的，请别信，告诉服务站。");
    });
    return [el("p", { class: "lead" }, "有一台电脑要用您的身份登录五有控制台："), facts(question),
      el("p", { class: "next" }, "只有您自己正坐在这台电脑前面，才点“确认登录”。别人发来的码，不要确认。"),
      form(shell, [{ kind: "choice", name: "place", label: "用哪个身份？", wide: true, value: worn, options }],
        { submit: "确认登录", send }),
      button("不是我", refuse, { class: "secondary" })];
  } };
}

function facts({ browser, address, same_network: isSame, asked_at: askedAt }) {
  const where = isSame ? `${address}（和您的手机是同一个网络）` : `${address}（和您的手机不是同一个网络）`;
  const rows = [["电脑", browser], ["网络", where], ["时间", when(askedAt)]];
  return el("dl", { class: "facts" }, rows.map(([name, said]) => el("div", {}, el("dt", {}, name), el("dd", {}, said))));
}

function nameOf(hat) {
  return hat.unit_name ? `${hat.title} · ${hat.unit_name}` : hat.title;
}

const PATH = "me/sign-ins";

export function signInsButton(shell) {
  return el("section", { "aria-label": "我的登录" }, el("h5", {}, "我的登录"),
    button("看看登录了哪些手机和电脑", () => shell.show(signIns), { class: "secondary wide" }));
}

const signIns = { key: "sign-ins", title: "我的登录", build: async (shell) => {
  const { items } = await shell.api.get(PATH);
  return [el("p", { class: "lead" }, "有不认识的，马上点“结束”，再告诉服务站。"),
    el("ul", { class: "people" }, items.map((one) => el("li", {}, line(shell, one)))), everywhere(shell)];
} };

function line(shell, one) {
  const end = () => shell.attempt(async () => {
    await shell.api.delete(`${PATH}/${one.id}`);
    await shell.refresh();
    shell.toast("这个登录已经结束了。");
  });
  return [el("p", {}, el("strong", {}, one.device_name), el("span", {}, one.this ? "就是这一台" : "")),
    el("p", { class: "hint" }, `${one.hat}　${when(one.created_at)}登录，${when(one.last_seen_at)}用过`),
    !one.this && button("结束", end, { class: "secondary", "aria-label": `结束：${one.device_name}` })];
}

function everywhere(shell) {
  return button("全部退出", () => shell.attempt(async () => {
    await shell.api.delete(PATH);
    await shell.start();
    shell.toast("别的登录都结束了，这部手机重新登录了。");
  }), { class: "primary danger" });
}
