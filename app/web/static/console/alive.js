// Takes an open page away when its sign-in has ended: nobody who comes by reads what is left on the screen.

const EVERY = 20000;
const { ask, onward } = document.querySelector("script[data-ask]").dataset;
let timer = 0;

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(ask, { cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.assign(onward);
  } catch {
    // The line is down for a moment: the next look will tell.
  }
  timer = setTimeout(look, EVERY);
  return undefined;
}

timer = setTimeout(look, EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
