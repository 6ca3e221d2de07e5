// Looks every two seconds whether the phone has answered, and goes in when it has said yes.

const EVERY = 2000;
const box = document.getElementById("scan");
const WAITS = new Set(["waiting", "seen"]);

function show(state) {
  if (state === box.dataset.state) return;
  box.dataset.state = state;
  for (const node of document.querySelectorAll("[data-when]")) node.hidden = !node.dataset.when.split(" ").includes(state);
}

async function look() {
  try {
    const answer = await fetch(box.dataset.ask, { cache: "no-store" });
    if (answer.ok) show((await answer.json()).state);
  } catch {
    // The line is down for a moment: the next look will tell.
  }
  const { state } = box.dataset;
  if (state === "confirmed") document.getElementById("enter").submit();
  else if (state === "used") location.reload();
  else if (WAITS.has(state)) setTimeout(look, EVERY);
}

if (box.dataset.state === "confirmed") document.getElementById("enter").submit();
else setTimeout(look, EVERY);
