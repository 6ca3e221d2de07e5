// The Chinese names of what the API says in codes.

export const URGENCY = { p1: "急修", p2: "紧急", p3: "一般", p4: "计划" };
export const SATISFACTION = { satisfied: "满意", mostly: "基本满意", fair: "一般", unsatisfied: "不满意" };
export const PAUSE = {
  waiting_resident: "等住户在家", weather: "天气不行", parts: "等配件", vote: "等居民表决", other_body: "等别的单位",
};
export const RETURN = {
  other_skill: "不会修这一类", too_many: "手上的活太多", nobody_home: "家里没有人", not_ours: "不归小区管",
  needs_expert: "要请专业的人来", other: "其他",
};
export const TRANSFER = {
  other_skill: "不会修这一类", too_many: "手上的活太多", shift_ends: "要下班了", unwell: "身体不舒服", other: "其他",
};
export const PARTY = {
  owner: "业主自己", shared: "共用部位，大家共有", utility: "水电气暖等专业单位", municipal: "市政部门",
  warranty: "施工单位，还在保修期", at_fault: "弄坏的人",
};
export const PURPOSE = { before_visit: "上门前打招呼", ask_details: "问清楚情况", call_back: "回访" };
export const SOURCE = { phone: "打电话来说的", visit: "上门来说的", paper: "写在纸上的" };
export const ELSEWHERE = ["12345热线", "供水公司", "供电公司", "燃气公司", "供热公司", "119消防", "110报警"];

export function yuan(fen) {
  return `${(fen / 100).toFixed(2)}元`;
}

export function options(names) {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}

// What an event's detail adds to its name, in words; empty when it adds nothing that people need.
export function detailWords(event) {
  const detail = event.detail ?? {};
  const said = [];
  if (SATISFACTION[detail.satisfaction]) said.push(SATISFACTION[detail.satisfaction]);
  if (event.action === "pause" && PAUSE[detail.reason]) said.push(`原因：${PAUSE[detail.reason]}`);
  if (event.action === "return" && RETURN[detail.reason]) said.push(`第${detail.count}次，原因：${RETURN[detail.reason]}`);
  if (event.action === "transfer") said.push(`想转给：${detail.to ?? "同事"}，原因：${TRANSFER[detail.reason]}`);
  if (event.action === "survey" && detail.party) said.push(detail.party.filter(Boolean).map((one) => PARTY[one]).join(" 改为 "));
  if (event.action === "survey" && detail.reason) said.push(`改的原因：${detail.reason}`);
  if (detail.sum_fen) said.push(yuan(detail.sum_fen));
  if (PURPOSE[detail.purpose]) said.push(`为了：${PURPOSE[detail.purpose]}`);
  if (event.action === "redirect" && detail.to) said.push(`转给：${detail.to}`);
  if (event.action === "redirect" && detail.reference) said.push(`对方编号：${detail.reference}`);
  if (event.action === "triage" && Array.isArray(detail.urgency)) {
    said.push(`级别：${detail.urgency.map((one) => URGENCY[one]).join(" 改为 ")}`);
  }
  return said.join("，");
}
