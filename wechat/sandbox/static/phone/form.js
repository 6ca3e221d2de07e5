// A form: fields, a button, and what the server says about them.

import { freshKey } from "./api.js";
import { button, el } from "./dom.js";
import { makeField } from "./fields.js";

// Returns the node of a form.  ``send(values, key)`` does the work; what it throws is shown where it belongs.
// ``look`` adds a button that shows something of the values before they are sent: {label, show(values) → node}.
export function form(shell, wanted, { submit, send, danger, look }) {
  const fields = wanted.map((one) => makeField(shell, one));
  const alert = el("p", { class: "problem", role: "alert" });
  const go = el("button", { type: "submit", class: danger ? "primary danger" : "primary" }, submit);
  // The key stays the same until the server has taken the form: a second tap files no second ticket.
  let sent = { body: "", key: "" };

  async function onSubmit(event) {
    event.preventDefault();
    clear(fields, alert);
    const values = read(fields);
    const body = JSON.stringify(values);
    if (body !== sent.body) sent = { body, key: freshKey() };
    await hold(go, fields, alert, () => send(values, sent.key));
  }

  return el("form", { novalidate: true, onsubmit: onSubmit }, fields.map((field) => field.node), alert,
    look && before(look, fields, alert), go);
}

// What is looked at before sending: its button, and what it showed.
function before({ label, show }, fields, alert) {
  const shown = el("div", { "aria-live": "polite" });
  const ask = button(label, () => {
    clear(fields, alert);
    return hold(ask, fields, alert, async () => shown.replaceChildren(await show(read(fields))));
  }, { class: "secondary", "data-key": "look" });
  return el("div", {}, ask, shown);
}

async function hold(node, fields, alert, work) {
  node.disabled = true;
  try {
    await work();
  } catch (problem) {
    complain(fields, alert, problem);
  } finally {
    node.disabled = false;
  }
}

function read(fields) {
  const given = fields.map((field) => [field.name, field.value()]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function clear(fields, alert) {
  alert.textContent = "";
  for (const field of fields) field.complain("");
}

function complain(fields, alert, problem) {
  if (!(problem instanceof Error) || problem.errors === undefined) throw problem;
  alert.textContent = problem.message;
  for (const field of fields) {
    const words = problem.errors[field.name];
    if (Array.isArray(words) && words[0] !== problem.message) field.complain(words.join(" "));
  }
  alert.scrollIntoView({ block: "nearest" });
}
