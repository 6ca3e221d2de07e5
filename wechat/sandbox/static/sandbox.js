// Fetches the page every two seconds and puts its changed parts in place.  Only elements of class "live" are replaced:
// what else lives on the page (the mini-program in its phone) keeps its state, and a focused button keeps the focus.

const EVERY = 2000;

function refreshLive(fresh) {
  for (const part of fresh.querySelectorAll(".live[id]")) {
    const shown = document.getElementById(part.id);
    if (!shown || shown.isEqualNode(part)) continue;
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    shown.replaceChildren(...document.importNode(part, true).childNodes);
    if (focused) document.getElementById(focused)?.focus();
  }
}

function refreshCards(fresh, listId) {
  const shown = document.getElementById(listId);
  const wanted = fresh.getElementById(listId);
  for (const child of [...shown.children]) {
    if (!wanted.querySelector("#" + CSS.escape(child.id))) child.remove();
  }
  for (const child of [...wanted.children]) {
    if (!document.getElementById(child.id)) shown.append(document.importNode(child, true));
  }
}

async function refresh() {
  const connection = document.getElementById("connection");
  try {
    const answer = await fetch("/", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    refreshLive(fresh);
    refreshCards(fresh, "phones");
    refreshCards(fresh, "groups");
    connection.textContent = "";
  } catch {
    connection.textContent = "模拟器没有回答，可能已经关了。页面会自己再试。";
  }
}

async function run(label, calls) {
  let done = true;
  for (const [method, url, body] of calls) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    done = done && answer.ok;
  }
  document.getElementById("done").textContent = done ? `已办：${label}` : `没有办成：${label}`;
  await refresh();
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, EVERY);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-calls]");
  if (button) run(button.ariaLabel || button.textContent, JSON.parse(button.dataset.calls)).catch(refresh);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-order]");
  if (!form) return;
  event.preventDefault();
  const { where, trouble, times } = form.elements;
  const order = { ...JSON.parse(trouble.value), times: JSON.parse(times.value) };
  const label = [where, trouble, times].map((list) => list.selectedOptions[0].textContent.trim()).join("，");
  run(label, [["PUT", `/sandbox/${form.dataset.order}/${where.value}`, order]]).catch(refresh);
});
keepFresh();
