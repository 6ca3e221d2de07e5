// The fields of forms.  Each has a node to show, a value to send, and a line for what is wrong with it.

import { button, el, unique } from "./dom.js";
import { photosField } from "./photos.js";

const KINDS = { text: textField, line: lineField, choice: choiceField, select: selectField, photos: photosField,
  checks: checksField, tick: tickField };

// Makes the field that a specification asks for: {kind, name, label, …}.
export function makeField(shell, wanted) {
  const error = el("p", { class: "field-error", id: unique("error"), role: "alert" });
  const field = KINDS[wanted.kind]({ ...wanted, errorId: error.id }, shell);
  field.name = wanted.name;
  field.node.append(error);
  field.complain = (words) => { error.textContent = words; };
  return field;
}

function labelled(wanted, control, ...others) {
  const id = unique("field");
  control.id = id;
  control.setAttribute("aria-describedby", wanted.errorId);
  return el("div", { class: "field" }, el("label", { for: id }, wanted.label), control, ...others);
}

function textField(wanted) {
  const control = el("textarea", { rows: wanted.rows ?? 3, autocomplete: "off" });
  control.value = wanted.value ?? "";
  return { node: labelled(wanted, control, phrases(wanted, control)), value: () => said(wanted, control), control };
}

function lineField(wanted) {
  const control = el("input", { type: wanted.type ?? "text", autocomplete: "off", inputmode: wanted.inputmode });
  control.value = wanted.value ?? "";
  return { node: labelled(wanted, control, phrases(wanted, control)), value: () => said(wanted, control), control };
}

// An empty optional field is not sent; an empty required one is, so that the server says what to write.
function said(wanted, control) {
  const words = control.value.trim();
  return words || wanted.required ? words : undefined;
}

// Ready-made words for people who would rather not type.
function phrases(wanted, control) {
  if (!wanted.phrases?.length) return null;
  const add = (words) => {
    const before = control.value.trim().replace(/[。，]$/, "");
    const end = wanted.kind === "text" ? "。" : "";
    control.value = before ? `${before}，${words}${end}` : `${words}${end}`;
    control.focus();
  };
  const chips = wanted.phrases.map((words) => button(words, () => add(words), { class: "chip" }));
  return el("div", { class: "chips", role: "group", "aria-label": "不想打字就点一句" }, chips);
}

function choiceField(wanted) {
  const group = unique("choice");
  const rows = wanted.options.map((option) => {
    const input = el("input", { type: "radio", name: group, value: String(option.value) });
    input.checked = option.value === wanted.value;
    if (wanted.onchange) input.addEventListener("change", () => wanted.onchange(option.value));
    const hint = option.hint && el("span", { class: "hint" }, option.hint);
    return el("label", { class: "choice" }, input, el("span", {}, option.label, hint));
  });
  const node = el("fieldset", { class: "field", "aria-describedby": wanted.errorId },
    el("legend", {}, wanted.label), el("div", { class: wanted.wide ? "choices wide" : "choices" }, rows));
  const chosen = () => node.querySelector("input:checked")?.value;
  return { node, value: () => wanted.options.find((option) => String(option.value) === chosen())?.value };
}

// Several of some things.
function checksField(wanted) {
  const inputs = wanted.options.map((option) => {
    const input = el("input", { type: "checkbox", value: String(option.value) });
    input.checked = wanted.value?.includes(option.value) ?? false;
    return { input, option };
  });
  const rows = inputs.map(({ input, option }) => el("label", { class: "choice" }, input, el("span", {}, option.label)));
  const node = el("fieldset", { class: "field", "aria-describedby": wanted.errorId },
    el("legend", {}, wanted.label), el("div", { class: "choices" }, rows));
  return { node, value: () => inputs.filter(({ input }) => input.checked).map(({ option }) => option.value) };
}

// Yes or no; not ticked is no.
function tickField(wanted) {
  const input = el("input", { type: "checkbox" });
  const node = el("div", { class: "field" }, el("label", { class: "choice" }, input, el("span", {}, wanted.label)));
  return { node, value: () => input.checked };
}

function selectField(wanted) {
  const entries = wanted.options.map((option) => el("option", { value: String(option.value) }, option.label));
  const control = el("select", {}, entries);
  if (wanted.value !== undefined) control.value = String(wanted.value);
  if (wanted.onchange) control.addEventListener("change", () => wanted.onchange(value()));
  const value = () => wanted.options.find((option) => String(option.value) === control.value)?.value;
  return { node: labelled(wanted, control), value, control };
}
