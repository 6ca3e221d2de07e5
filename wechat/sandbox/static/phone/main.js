// Puts the mini-program into each phone of the page when it is opened.

import { nearby } from "./board.js";
import { mine } from "./cards.js";
import { inbox } from "./inbox.js";
import { actingNow } from "./mandates.js";
import { me } from "./me.js";
import { ownCase } from "./org.js";
import { record, report } from "./report.js";
import { Shell } from "./shell.js";
import { SCAN_PAGE, openScanned } from "./scanned.js";
import { openFromGroup } from "./sharing.js";
import { duty, stationScreen } from "./station.js";
import { openTicket } from "./ticket.js";
import { jobs, pool } from "./worker.js";

const opened = new Map();

const tab = (label, screen) => ({ label, screen, key: screen.key });
// They see who works here, not the neighbors' reports.
const READERS = new Set(["mediator", "treasurer", "committee_member", "council_member", "party_officer"]);
const EVERYBODY = [tab("消息", inbox), tab("我的", me)];

const RESIDENT = [tab("报修", report), tab("我报的", mine), tab("楼里的", nearby)];

// The tabs of a hat: what a person in it does every day comes first.  Who acts for somebody has what the mandate covers.
function tabsFor(hat, acting) {
  if (acting) {
    const covers = (area) => acting.areas.includes(area);
    return [...(covers("tickets") ? RESIDENT : []), ...(covers("messages") ? [tab("消息", inbox)] : []), tab("代办", actingNow)];
  }
  if (hat.role === "resident") return [...RESIDENT, ...EVERYBODY];
  if (hat.role === "repairer") return [tab("我的活", jobs), tab("抢单", pool), ...EVERYBODY];
  if (hat.role === "professional") return [tab("这件事", ownCase), ...EVERYBODY];
  if (hat.neighborhood_id === null) return EVERYBODY;
  if (READERS.has(hat.role)) return [tab("值班", duty), ...EVERYBODY];
  return [tab("单子", stationScreen()), tab("代报", record), tab("值班", duty), ...EVERYBODY];
}

function openPhone(card) {
  const root = card.querySelector(".mini-program");
  const { phone: slug, name } = root.dataset;
  if (opened.has(slug)) return opened.get(slug).heading.focus();
  const shell = new Shell(root, { slug, name, tabsFor, onclose: () => closePhone(card, slug) });
  opened.set(slug, shell);
  card.classList.add("is-open");
  return shell.start();
}

function closePhone(card, slug) {
  opened.get(slug).stop();
  opened.delete(slug);
  card.querySelector(".mini-program").replaceChildren();
  card.classList.remove("is-open");
  card.querySelector("[data-open]").focus();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-open], [data-message]");
  const card = target && document.getElementById(`phone-${target.dataset.open ?? target.dataset.phone}`);
  if (!card) return;
  if (target.dataset.open) {
    card.scrollIntoView({ block: "nearest" });
    openPhone(card);
  } else openMessage(card, target.dataset.message);
});

// A tap on a message of WeChat, a card in a group, or a scanned code opens its page: a ticket, or what hangs on a wall.
async function openMessage(card, page) {
  const query = new URLSearchParams(page.split("?")[1]);
  const id = query.get("id");
  await openPhone(card);
  const shell = opened.get(card.querySelector(".mini-program").dataset.phone);
  if (page.startsWith(SCAN_PAGE) && shell.api.hat) await openScanned(shell, query.get("scene") ?? query.get("h") ?? "");
  if (query.has("group") && shell.api.hat) await shell.attempt(() => openFromGroup(shell, query.get("group")));
  if (id && shell.api.hat) await openTicket(shell, Number(id));
}
