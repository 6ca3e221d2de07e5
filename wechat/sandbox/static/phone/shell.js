// One phone: its screen with title, tabs and messages, the sheets that slide over it, and its look at the inbox.

import { Api } from "./api.js";
import { button, el, unique } from "./dom.js";

const EVERY = 2000;
const TOAST_STAYS = 6000;

// A screen is {key, title, build(shell) → nodes, live(api) → path}: a live one is built anew when what it shows changes.
export class Shell {
  #stack = [];
  #showing = 0;
  #newest = null;
  #timer = 0;
  #tabsFor;

  constructor(root, { slug, name, tabsFor, onclose }) {
    this.api = new Api(slug);
    this.api.onover = async (words) => {
      await this.begin();
      this.toast(words, true);
    };
    this.name = name;
    this.#tabsFor = tabsFor;
    this.#layOut(root, onclose);
  }

  #layOut(root, onclose) {
    this.backButton = button("‹ 返回", () => this.back(), { class: "back", hidden: true });
    this.heading = el("h4", { class: "title", tabindex: "-1", id: unique("title") });
    this.content = el("div", { class: "content", role: "region", tabindex: "0", "aria-labelledby": this.heading.id });
    this.tabs = el("nav", { class: "tabs", "aria-label": `${this.name}的菜单` });
    this.toastNode = el("p", { class: "toast", role: "status" });
    this.cover = el("div", { class: "cover", hidden: true });
    this.banner = el("div", { class: "acting", role: "status", hidden: true });
    const close = button("关", onclose, { class: "capsule", "aria-label": `合上${this.name}的手机` });
    this.screen = el("div", { class: "screen" },
      el("div", { class: "bar" }, this.backButton, this.heading, close), this.banner, this.content, this.tabs);
    root.replaceChildren(el("div", { class: "glass" }, this.screen, this.cover, this.toastNode));
  }

  // wx.login and everything after it.  Errors are shown on the phone, with a button to try again.
  async start() {
    this.#stack = [];
    await this.show({ key: "start", title: "五有", build: () => this.api.signIn().then(() => []) });
    if (!this.api.hat) return;
    this.begin();
    this.#watch();
  }

  // Shows the first tab of the hat that is worn now.
  begin() {
    const { acting } = this.api;
    this.banner.hidden = !acting;
    this.banner.textContent = acting ? `正在替${acting.principal}办事` : "";
    this.#buildTabs();
    return this.openTab(0);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #buildTabs() {
    this.allTabs = this.#tabsFor(this.api.hat, this.api.acting);
    this.tabs.replaceChildren(...this.allTabs.map((tab, place) => {
      const badge = tab.key === "inbox" ? el("span", { class: "badge", hidden: true }) : null;
      return button([tab.label, badge], () => this.openTab(place), { "data-tab": tab.key });
    }));
    this.#newest = null;
    this.#look().catch(() => {});
  }

  openTab(place) {
    this.#stack = [];
    return this.show(this.allTabs[place].screen);
  }

  openTabNamed(key) {
    return this.openTab(this.allTabs.findIndex((tab) => tab.key === key));
  }

  show(screen) {
    this.#stack.push(screen);
    return this.#draw(screen, { isNew: true });
  }

  back() {
    this.#stack.pop();
    return this.#draw(this.#stack.at(-1), { isNew: true });
  }

  // Builds the present screen anew and leaves the reader where they were.
  refresh() {
    const screen = this.#stack.at(-1);
    return screen && this.#draw(screen, { isNew: false });
  }

  async #draw(screen, { isNew }) {
    this.closeSheet();
    this.#showing += 1;
    const ticket = this.#showing;
    if (isNew) this.content.setAttribute("aria-busy", "true");
    let nodes;
    try {
      nodes = await screen.build(this);
    } catch (problem) {
      if (!isNew) return this.toast(problem.message, true);
      nodes = [el("p", { class: "problem", role: "alert" }, problem.message),
        button("再试一次", () => (this.api.hat ? this.refresh() : this.start()), { class: "primary" })];
    }
    if (ticket !== this.#showing) return undefined;
    this.#place(screen, nodes, isNew);
    return undefined;
  }

  #place(screen, nodes, isNew) {
    const { scrollTop } = this.content;
    const inside = this.content.contains(document.activeElement);
    const focused = inside ? document.activeElement.dataset.key : null;
    this.content.removeAttribute("aria-busy");
    this.heading.textContent = screen.title;
    this.backButton.hidden = this.#stack.length < 2;
    this.content.replaceChildren(...nodes.flat().filter(Boolean));
    this.content.scrollTop = isNew ? 0 : scrollTop;
    for (const tab of this.tabs.children) {
      tab.toggleAttribute("aria-current", tab.dataset.tab === this.#stack[0]?.key);
    }
    if (isNew) this.heading.focus({ preventScroll: true });
    else if (focused) this.content.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    else if (inside) this.heading.focus({ preventScroll: true });
  }

  // Slides something over the screen; the rest of the phone rests until it is closed.
  sheet(title, nodes, { closeLabel = "关上", onclose } = {}) {
    const id = unique("sheet");
    this.#returnTo = document.activeElement;
    const heading = el("h4", { id, tabindex: "-1" }, title);
    const close = closeLabel && button(closeLabel, () => { this.closeSheet(); onclose?.(); }, { class: "quiet" });
    const panel = el("div", { class: "sheet", role: "dialog", "aria-labelledby": id, onkeydown: (event) => {
      if (event.key === "Escape" && close) close.click();
    } }, heading, nodes, close);
    this.cover.replaceChildren(panel);
    this.cover.hidden = false;
    this.screen.inert = true;
    heading.focus({ preventScroll: true });
  }

  #returnTo = null;

  closeSheet() {
    if (this.cover.hidden) return;
    this.cover.hidden = true;
    this.cover.replaceChildren();
    this.screen.inert = false;
    if (this.#returnTo?.isConnected) this.#returnTo.focus({ preventScroll: true });
  }

  toast(words, isProblem = false) {
    this.toastNode.classList.toggle("bad", isProblem);
    this.toastNode.textContent = words;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toastNode.textContent = ""; }, TOAST_STAYS);
  }

  // Does something on a tap; a problem is said on the phone and the screen shows how things stand.
  async attempt(work) {
    try {
      return await work();
    } catch (problem) {
      await this.refresh();
      this.toast(problem.message, true);
      return undefined;
    }
  }

  // The same without a fresh screen: what has been filled in stays.
  async attemptHere(work) {
    try {
      return await work();
    } catch (problem) {
      this.toast(problem.message, true);
      return undefined;
    }
  }

  #watch() {
    const turn = async () => {
      if (!document.hidden) await this.#look().catch(() => {});
      if (this.content.isConnected) this.#timer = setTimeout(turn, EVERY);
    };
    this.#timer = setTimeout(turn, EVERY);
  }

  // Looks whether messages have come: counts them and says the newest.
  async #look() {
    if (!this.allTabs.some((tab) => tab.key === "inbox")) return;
    const page = await this.api.get("inbox?limit=1");
    this.showUnread(page.unread);
    const [newest] = page.items;
    const isNews = newest && this.#newest !== null && newest.id !== this.#newest;
    this.#newest = newest?.id ?? 0;
    if (isNews) this.toast(`新消息：${newest.title}`);
    await this.#keepUp();
  }

  // Shows what others have done meanwhile, unless a sheet is open: nobody's form is taken away.
  async #keepUp() {
    const screen = this.#stack.at(-1);
    if (!screen?.live || !this.cover.hidden) return;
    const isOld = await this.api.hasChanged(screen.live(this.api));
    if (isOld && this.cover.hidden && screen === this.#stack.at(-1)) await this.refresh();
  }

  showUnread(count) {
    const badge = this.tabs.querySelector(".badge");
    if (!badge || badge.textContent === String(count || "")) return;
    badge.textContent = count || "";
    badge.hidden = !count;
    badge.setAttribute("aria-label", `${count}条没看`);
    badge.setAttribute("role", "img");
  }
}
