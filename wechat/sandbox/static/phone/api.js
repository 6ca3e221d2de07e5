// What a mini-program has in its hands: wx.login, wx.request and our API behind them.

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.error || "没有办成，请再试一次。");
    this.status = status;
    this.code = body.code ?? "";
    this.errors = body.errors ?? {};
  }
}

// A key for one tap.  (crypto.randomUUID is only there on pages that came over HTTPS or from this machine.)
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const EVERY = 700;
const NOBODY_THERE = { detail: "模拟器没有回答，可能已经关了。请重新运行 make run，再刷新这一页。" };

// Sends a request to the sandbox itself; raises Problem for anything but success.
async function send(method, path, { headers = {}, body } = {}) {
  let answer;
  try {
    answer = await fetch(path, { method, headers, body, cache: "no-store" });
  } catch {
    throw new Problem(0, NOBODY_THERE);
  }
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  return answer;
}

export function isSameHat(one, other) {
  return one.membership_id === other.membership_id && one.case_key_id === other.case_key_id;
}

export class Api {
  #base;
  #token = "";
  #photos = new Map();
  #again = null;
  #shown = new Map();

  constructor(slug) {
    this.#base = `/sandbox/phones/${encodeURIComponent(slug)}`;
    this.person = null;
    this.hat = null;
    // For whom this phone acts by a mandate; and what to do when that is over before we knew.
    this.acting = null;
    this.onover = null;
  }

  // wx.login, then our sign-in.
  async signIn() {
    const { code } = await this.#control("POST", "login-code");
    return this.#wear(await this.#json("POST", "sign-in", { body: { code } }));
  }

  // Puts on another hat: everything after this is done in it.
  async wear({ membership_id, case_key_id }) {
    return this.#wear(await this.post("me/hat", { membership_id, case_key_id }));
  }

  // Acts for somebody by a mandate; null is to be oneself again.
  async actFor(mandateId) {
    return this.#wear(await this.post("me/acting", { mandate_id: mandateId }));
  }

  // Enters a code from the station; the token that comes back knows the new home.
  async redeem(code) {
    return this.#wear(await this.post("invitations/redeem", { code }));
  }

  async get(path) {
    const text = await this.#text(path);
    this.#shown.set(path, text);
    return JSON.parse(text);
  }

  // Whether something would read otherwise now than when it was last shown.
  async hasChanged(path) {
    return this.#shown.has(path) && await this.#text(path) !== this.#shown.get(path);
  }

  // The key makes a repeat harmless: pass the same one when the same tap is tried again.
  post(path, body = {}, { key = freshKey(), version } = {}) {
    const headers = { "Idempotency-Key": key };
    if (version !== undefined) headers["If-Match"] = `"${version}"`;
    return this.#json("POST", path, { body, headers });
  }

  put(path, body, { key = freshKey() } = {}) {
    return this.#json("PUT", path, { body, headers: { "Idempotency-Key": key } });
  }

  patch(path, body) {
    return this.#json("PATCH", path, { body });
  }

  delete(path) {
    return this.#json("DELETE", path);
  }

  async upload(blob) {
    const form = new FormData();
    form.append("photo", blob, "photo.jpg");
    const answer = await this.#request("POST", "photos", { body: form, headers: {} });
    return answer.json();
  }

  // An address for an <img>: photos need the token, so they are fetched once and kept.
  photo(id) {
    if (!this.#photos.has(id)) {
      const address = this.#request("GET", `photos/${encodeURIComponent(id)}`, {})
        .then((answer) => answer.blob()).then((blob) => URL.createObjectURL(blob));
      address.catch(() => this.#photos.delete(id));
      this.#photos.set(id, address);
    }
    return this.#photos.get(id);
  }

  // An address for an <img> behind a signed link, which needs no token and is not kept: looking again is another look.
  async linked(link) {
    const answer = await this.#request("GET", link.replace(/^\/api\/v1\//, ""), {});
    return URL.createObjectURL(await answer.blob());
  }

  // What the person answered when WeChat asked about messages: WeChat counts it, and so do we.
  async answerGrant(item, answer) {
    await this.#control("POST", "grants", { template_id: item.template_id, answer });
    await this.post("grants", { kind: item.kind, answer });
  }

  // wx.requestPayment: the simulated WeChat slides its sheet up and says what became of it when it is gone.
  async requestPayment(parameters) {
    const { number } = await this.#control("POST", "payments", parameters);
    for (;;) {
      const { errMsg } = await this.#control("GET", `payments/${number}`);
      if (errMsg !== null) return errMsg;
      await new Promise((resolve) => { setTimeout(resolve, EVERY); });
    }
  }

  static async templates() {
    return (await (await send("GET", "/sandbox/templates")).json()).items;
  }

  static async groups() {
    return (await (await send("GET", "/sandbox/groups")).json()).items;
  }

  // A person's thumb puts a card into a group.
  share(card) {
    return this.#control("POST", "share", card);
  }

  // wx.getGroupEnterInfo in the words of our API: sealed data, or the code it failed with.
  async groupEnterInfo(group) {
    const { encryptedData, iv, errcode } = await this.#control("POST", "group-enter-info", { group });
    return errcode ? { errcode } : { encrypted_data: encryptedData, iv };
  }

  async #control(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    return (await send(method, `${this.#base}/${path}`, { headers, body: body && JSON.stringify(body) })).json();
  }

  async #text(path) {
    return (await this.#request("GET", path, {})).text();
  }

  #wear(answer) {
    this.#token = answer.access_token;
    this.person = answer.person_id;
    this.hat = answer.hat;
    this.acting = answer.acting ?? null;
    return answer;
  }

  async #json(method, path, { body, headers = {} } = {}) {
    const all = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
    const answer = await this.#request(method, path, { body: body && JSON.stringify(body), headers: all });
    return answer.status === 204 ? {} : answer.json();
  }

  async #request(method, path, { body, headers = {} }, isRepeat = false) {
    const known = this.#token && path !== "sign-in" ? { Authorization: `Bearer ${this.#token}` } : {};
    try {
      return await send(method, `${this.#base}/request/${path}`, { headers: { ...headers, ...known }, body });
    } catch (problem) {
      const isOver = problem.status === 401 || problem.code === "wechat_session_ended";
      if (!isOver || isRepeat || !known.Authorization) throw problem;
      await this.#signInAgain();
      return this.#request(method, path, { body, headers }, true);
    }
  }

  // What was begun for somebody else is never done as oneself: when the mandate is over, nothing is repeated.
  async #actAgain(acting) {
    try {
      await this.actFor(acting.mandate_id);
    } catch (problem) {
      if (problem.code !== "no_such_mandate") throw problem;
      const detail = `替${acting.principal}代办的委托停了，现在是您自己。`;
      setTimeout(() => this.onover?.(detail));
      throw new Problem(403, { code: "acting_over", detail });
    }
  }

  // The token, or WeChat's session behind it, has ended: sign in silently and put the same hat on, once for all requests that wait.
  #signInAgain() {
    const worn = this.hat;
    const { acting } = this;
    const work = async () => {
      await this.signIn();
      if (acting) return this.#actAgain(acting);
      if (!worn || isSameHat(worn, this.hat)) return undefined;
      // A hat that has ended is not put on again: the one that is left will do.
      await this.wear(worn).catch((problem) => { if (problem.code !== "no_such_hat") throw problem; });
      return undefined;
    };
    this.#again ??= work().finally(() => { this.#again = null; });
    return this.#again;
  }
}
