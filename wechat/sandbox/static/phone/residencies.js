// 我的房屋: the homes one has and leaves, asking for one, and one's word for a tenant or a neighbor.

import { button, el, when } from "./dom.js";
import { form } from "./form.js";

const MINE = "me/residencies?limit=20";
const MAY = { ticket: "报修", vote: "投票" };
const LEAVING = [
  { value: "moved_out", label: "搬走了" }, { value: "lease_over", label: "租期到了" },
  { value: "sold", label: "房子卖了" }, { value: "mistake", label: "登记错了" },
];

export const residencies = { key: "residencies", title: "我的房屋", live: () => MINE, build: async (shell) => {
  const [{ items: homes }, { items: requests }, { items: confirm }, { items: vouch }] = await Promise.all(
    ["me/homes", MINE, "me/residencies/to-confirm", "me/residencies/to-vouch"].map((path) => shell.api.get(path)));
  return [
    confirm.length > 0 && section("请您说一声：是不是住在您家", confirm.map((one) => toConfirm(shell, one))),
    vouch.length > 0 && section("邻居请您担保", vouch.map((one) => toVouch(shell, one))),
    section("登记在我名下的", homes.map((one) => homeLine(shell, one)), "还没有。下面点“申请登记一套房子”。"),
    requests.length > 0 && section("我的申请", requests.map((one) => requestLine(shell, one))),
    button("申请登记一套房子", () => shell.show(kinds), { class: "primary", "data-key": "ask-home" }),
  ];
} };

function section(title, rows, empty) {
  return el("section", { "aria-label": title }, el("h5", {}, title),
    rows.length ? el("ul", { class: "people" }, rows.map((row) => el("li", {}, row))) : el("p", {}, empty));
}

function act(shell, path, done, body, version) {
  return shell.attempt(async () => {
    await shell.api.post(path, body, { version });
    await shell.refresh();
    shell.toast(done);
  });
}

function homeLine(shell, one) {
  const may = Object.keys(MAY).filter((name) => one.rights.includes(name)).map((name) => MAY[name]).join("、");
  const said = [may && `您能${may}`, one.rights.includes("fee") && "物业费由您交"].filter(Boolean).join("；");
  const leave = () => shell.sheet(`离开${one.label}`, [
    el("p", { class: "next" }, "登记今天就结束，手机上马上看不到这套房子。以前欠的费用不变；以后搬回来，再申请一次就行。"),
    form(shell, [{ kind: "choice", name: "why", label: "为什么离开？", value: "moved_out", options: LEAVING }],
      { submit: "结束我的登记", danger: true, send: async (body, key) => {
        await shell.api.post(`me/homes/${one.id}/leave`, body, { key });
        await shell.refresh();
        shell.toast(`您在${one.label}的登记结束了。`);
      } })]);
  return [el("p", {}, el("strong", {}, one.label), el("span", {}, one.kind_name)),
    el("p", { class: "hint" }, said ? `${said}。` : "只登记了您住在这里。"),
    one.actions.includes("leave") && button("我不住这里了", leave, { class: "secondary", "data-key": `leave-${one.id}` })];
}

function requestLine(shell, one) {
  return [el("p", {}, el("strong", {}, one.home), el("span", {}, one.state_name)),
    el("p", { class: "hint" }, `${one.kind_name}，凭${one.evidence_name}`),
    one.reason && el("p", { class: one.state === "returned" ? "problem" : "hint" }, one.reason),
    el("p", {}, one.next_step, one.due_at && `最晚${when(one.due_at)}答复。`),
    button("看看办到哪一步", () => shell.show(detail(one.id)), { class: "secondary", "data-key": `request-${one.id}` })];
}

function toConfirm(shell, one) {
  const path = `residency-requests/${one.id}`;
  const no = () => shell.sheet("为什么不是？", [form(shell, [
    { kind: "text", name: "words", label: "对方会看到您写的话", rows: 2, required: true,
      phrases: ["我没有把房子租给这个人", "这个人已经搬走了", "我不认识这个人"] }],
  { submit: "不是，退回去", danger: true, send: (body) => act(shell, `${path}/decline`, "退回去了，对方会看到。", body, one.version) })]);
  return [el("p", {}, el("strong", {}, `${one.name ?? "有人"}，${one.kind_name}`), el("span", {}, one.home)),
    el("p", {}, `说从${one.since}起住在您家。是不是？`, one.pays_fee && "还说物业费由他交。"),
    el("div", { class: "row" },
      button("是的", () => act(shell, `${path}/confirm`, "登记好了，对方马上能报修。", {}, one.version),
        { class: "primary", "data-key": `confirm-${one.id}` }),
      button("不是", no, { class: "secondary", "data-key": `decline-${one.id}` }))];
}

function toVouch(shell, one) {
  const say = () => shell.sheet(`替${one.name ?? "邻居"}担保`, [
    el("p", { class: "next" }, "您只说您自己知道的。您的名字和这句话，服务站审核的时候看得到。"),
    form(shell, [{ kind: "text", name: "words", label: "您怎么知道的？", rows: 2, required: true,
      phrases: ["他家在这里住了很多年", "我们是老邻居", "回迁的时候我们一起选的房"] }],
    { submit: "我担保", send: (body) => act(shell, `residency-requests/${one.id}/vouch`, "谢谢您，记下了。", body) })]);
  return [el("p", {}, el("strong", {}, one.name ?? "一位邻居"), el("span", {}, one.home)),
    el("p", {}, `说自己是${one.kind_name}，从${one.since}起。知道的请说一声，不知道就不用管。`),
    button("我知道，我担保", say, { class: "primary", "data-key": `vouch-${one.id}` })];
}

// The first question: what is one to the home?
const kinds = { key: "ask-home", title: "申请登记", build: async (shell) => {
  const [{ items }, person] = await Promise.all([shell.api.get("me/residencies/choices"), shell.api.get("me")]);
  if (!person.name || !person.phone) return [el("p", { class: "next" }, "先写下您的姓名和电话，服务站好核对。"), names(shell, person)];
  return [el("p", { class: "lead" }, "您是这套房子的什么人？点一下。"),
    el("div", { class: "list" }, items.map((one) => button([
      el("strong", {}, one.name), el("span", { class: "hint" }, `可以用：${one.evidence.map((way) => way.name).join("、")}`)],
    () => shell.show(claim(one)), { class: "ticket-card", "data-key": `kind-${one.kind}` })))];
} };

// One's own name and phone, as they stand on one's papers.
export function names(shell, person) {
  const fields = [
    { kind: "line", name: "name", label: person.name ? `姓名（现在是${person.name}，不改就不填）` : "姓名（和证件上一样）", required: !person.name },
    { kind: "line", name: "phone", inputmode: "tel", label: person.phone ? `电话（现在是${person.phone}，不改就不填）` : "电话", required: !person.phone },
  ];
  return form(shell, fields, { submit: "存下来", send: async (body) => {
    await shell.api.patch("me", body);
    await shell.refresh();
    shell.toast("存好了。");
  } });
}

function today() {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
}

function proof(kind, before) {
  const papers = kind.evidence.filter((way) => way.is_paper).map((way) => way.name).join("、");
  return [
    { kind: "choice", name: "evidence", label: "凭什么登记？", wide: true, value: before?.evidence ?? kind.evidence[0].value,
      options: kind.evidence.map((way) => ({ value: way.value, label: way.name })) },
    ...(papers ? [{ kind: "photos", name: "photos", label: `${papers}，拍一张（靠邻居担保、房主确认的不用拍）`, scene: "paper" },
      { kind: "line", name: "document", label: "拍不了，就写证件上的编号（可不填）" }] : []),
    { kind: "line", name: "since", type: "date", label: "从哪天起？（房产证、合同上的日子，或者搬来的日子）", value: before?.since ?? today(), required: true },
    ...(kind.kind === "tenant" ? [{ kind: "tick", name: "pays_fee", label: "说好了，物业费由我交" }] : []),
    { kind: "line", name: "words", label: "想对服务站说的话（可不填）" },
  ];
}

// The second: which home, and what shows it.
function claim(kind) {
  return { key: `ask-${kind.kind}`, title: kind.name, build: (shell) => {
    const fields = [
      { kind: "line", name: "neighborhood_code", label: "小区编号（贴在服务站墙上，像 BX-CJ）", required: true, value: shell.lastCode ?? "" },
      { kind: "line", name: "address", label: "哪一套？平时怎么说就怎么写，像“3号楼2单元501”", required: true },
      ...proof(kind),
    ];
    const send = async (body, key) => {
      const made = await shell.api.post("me/residencies", { kind: kind.kind, ...body }, { key });
      shell.lastCode = body.neighborhood_code;
      await shell.openTabNamed("me");
      await shell.show(residencies);
      await shell.show(detail(made.id));
      shell.toast("交上去了。办到哪一步，这里看得到。");
    };
    return [form(shell, fields, { submit: "交给服务站", send })];
  } };
}

const STEPS = {
  asked: "您交了申请", resubmitted: "您又交了一次", vouched: "有人替您担保", confirmed: "房主说是", declined: "房主说不是",
  referred: "房主没有回答，转给了服务站", approved: "通过了", returned: "退回了", withdrawn: "您撤回了",
};

function detail(id) {
  const path = `residency-requests/${id}`;
  return { key: `request-${id}`, title: "我的申请", live: () => path, build: async (shell) => {
    const one = await shell.api.get(path);
    return [
      el("div", { class: "ticket-head" }, el("p", { class: "card-top" }, el("strong", {}, one.home), el("span", { class: "state" }, one.state_name)),
        el("p", {}, `${one.kind_name}，凭${one.evidence_name}，从${one.since}起`)),
      el("p", { class: "next" }, el("strong", {}, "下一步　"), one.next_step, one.due_at && `最晚${when(one.due_at)}答复。`),
      one.reason && (one.state === "returned" ? el("p", { class: "problem" }, `退回的原因：${one.reason}`) : el("p", {}, one.reason)),
      one.vouches.length > 0 && section("谁替您担保", one.vouches.map((word) => el("p", {}, `${word.name ?? ""}：${word.words}`))),
      one.photos.length > 0 && el("p", { class: "hint" }, `交了${one.photos.length}张照片，只有您和审核的人看得到。`),
      one.actions.includes("resubmit") && await again(shell, path, one),
      one.actions.includes("withdraw") && button("不办了，撤回", () => act(shell, `${path}/withdraw`, "撤回了。", {}, one.version),
        { class: "secondary", "data-key": "withdraw" }),
      section("经过", one.history.map((step) => [el("p", {}, el("strong", {}, STEPS[step.action] ?? step.action), el("span", {}, when(step.at))),
        step.words && el("p", {}, step.words)])),
    ];
  } };
}

async function again(shell, path, one) {
  const { items } = await shell.api.get("me/residencies/choices");
  const kind = items.find((item) => item.kind === one.kind);
  return el("section", { "aria-label": "补好再交" }, el("h5", {}, "补好再交"), form(shell, proof(kind, one), {
    submit: "再交一次", send: async (body, key) => {
      await shell.api.post(`${path}/resubmit`, { kind: one.kind, ...body }, { key, version: one.version });
      await shell.refresh();
      shell.toast("又交上去了。");
    } }));
}
