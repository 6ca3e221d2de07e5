// Building blocks of the page.  Text only ever becomes text: nothing that people wrote is read as HTML.

let made = 0;

// Makes an element.  "onclick" and its like are listeners, true is an attribute without a value, null leaves it out.
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A new id: labels and groups of radio buttons need one that no other phone on the page has.
export function unique(word) {
  made += 1;
  return `${word}-${made}`;
}

export function button(label, onclick, attributes) {
  return el("button", { type: "button", onclick, ...attributes }, label);
}

const clock = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "short" });

// A moment as people say it: the day is left out today.
export function when(iso) {
  const parts = Object.fromEntries(clock.formatToParts(new Date(iso)).map((part) => [part.type, part.value]));
  const time = `${parts.hour}:${parts.minute}`;
  const today = day.format(new Date(iso)) === day.format(new Date());
  return today ? `今天 ${time}` : `${parts.month}月${parts.day}日 ${time}`;
}

// A day of the calendar ("2027-04-01") as people say it.
export function longDay(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return `${year}年${month}月${date}日`;
}
