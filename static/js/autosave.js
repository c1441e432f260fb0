/* Saves each control of form[data-autosave] as it changes. Nothing typed is lost: what the server
   has not confirmed stays in localStorage until it is. POST to the form's action with the headers
   X-Autosave and X-CSRFToken; body: the control's values, "version:<name>", "autosave=<name>".
   Answers: 200 {saved_at, versions, errors}; 409 {conflicts: {name: {theirs, by, at, version, and
   values for choices}}}; 4xx {message} is shown; 5xx and a lost connection are tried again. */

const TYPING_MS = 700;
const SPEAK_MS = 20000;
const RETRY_MS = [2000, 5000, 15000, 30000, 60000];
const TEXTS = {
  en: {
    saving: "Saving …", saved: (at) => `Saved ${at}`, failed: "Not saved – trying again",
    refused: "Not saved – see the message by the field",
    ended: "Not saved – reload the page and sign in again. Your text is kept in this browser.",
    restored: "We found text in this browser that was not saved, put it back and are saving it now.",
    conflict: (who, at) => `${who} saved another version at ${at}:`,
    mine: "Keep mine", theirs: "Take theirs", empty: "(empty)", someone: "Someone",
  },
  es: {
    saving: "Guardando …", saved: (at) => `Guardado ${at}`, failed: "No guardado – se intenta de nuevo",
    refused: "No guardado – vea el mensaje junto al campo",
    ended: "No guardado – recargue la página e inicie sesión. Su texto queda en este navegador.",
    restored: "Hallamos texto sin guardar en este navegador, lo repusimos y lo guardamos ahora.",
    conflict: (who, at) => `${who} guardó otra versión a las ${at}:`,
    mine: "Conservar la mía", theirs: "Usar la otra", empty: "(vacío)", someone: "Alguien",
  },
};
const t = TEXTS[document.documentElement.lang.slice(0, 2)] || TEXTS.en;

const store = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or off */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* off */ } },
};

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.getAttribute("action") || location.pathname;
    this.fields = new Map();
    this.spokenAt = 0;
    this.place = this.findPlace();
    form.addEventListener("input", (event) => this.changed(event.target, TYPING_MS));
    form.addEventListener("change", (event) => this.changed(event.target, 0));
    form.addEventListener("focusout", (event) => this.left(event.target));
    form.addEventListener("submit", () => this.stop());
    window.addEventListener("online", () => this.retryAll());
    window.addEventListener("beforeunload", (event) => { if (this.waiting()) event.preventDefault(); });
    this.restore();
  }

  findPlace() {
    const place = this.form.querySelector("[data-save-state]") || document.querySelector("[data-save-state]");
    if (!place) return null;
    place.removeAttribute("aria-live");
    const spoken = element("span", "usa-sr-only");
    spoken.setAttribute("aria-live", "polite");
    place.after(spoken);
    return { place, spoken };
  }

  say(state, text, important) {
    if (!this.place) return;
    this.place.place.dataset.state = state;
    this.place.place.textContent = text;
    const now = Date.now();
    if (!important && (state === "saving" || now - this.spokenAt < SPEAK_MS)) return;
    this.spokenAt = now;
    this.place.spoken.textContent = text;
  }

  controls(name) { return [...this.form.elements].filter((one) => one.name === name); }

  saves(control) {
    return control.name && !["hidden", "submit", "button", "file", "password"].includes(control.type)
      && !control.name.startsWith("version:") && !control.disabled;
  }

  values(name) {
    return this.controls(name).flatMap((one) => {
      if (one.type === "radio" || one.type === "checkbox") return one.checked ? [one.value] : [];
      if (one.type === "select-multiple") return [...one.selectedOptions].map((option) => option.value);
      return [one.value];
    });
  }

  put(name, values) {
    for (const one of this.controls(name)) {
      if (one.type === "radio" || one.type === "checkbox") one.checked = values.includes(one.value);
      else if (one.type === "select-multiple") for (const option of one.options) option.selected = values.includes(option.value);
      else one.value = values[0] || "";
      if (one.matches("textarea")) one.dispatchEvent(new CustomEvent("input"));
    }
  }

  key(name) { return `autosave:${this.url}:${name}`; }

  field(name) {
    if (!this.fields.has(name)) {
      this.fields.set(name, { timer: 0, busy: false, dirty: false, tries: 0, blocked: false, confirmed: null });
    }
    return this.fields.get(name);
  }

  waiting() { return [...this.fields.values()].some((one) => one.dirty || one.busy); }

  stop() {
    for (const one of this.fields.values()) {
      clearTimeout(one.timer);
      one.dirty = false;
      one.busy = false;
    }
  }

  changed(control, delay) {
    if (!this.saves(control)) return;
    const field = this.field(control.name);
    field.dirty = true;
    field.tries = 0;
    store.set(this.key(control.name), this.values(control.name));
    this.later(control.name, delay);
  }

  left(control) {
    if (this.saves(control) && this.fields.get(control.name)?.dirty) this.later(control.name, 0);
  }

  later(name, delay) {
    const field = this.field(name);
    clearTimeout(field.timer);
    field.timer = setTimeout(() => this.save(name), delay);
  }

  body(name) {
    const data = new URLSearchParams();
    for (const value of this.values(name)) data.append(name, value);
    for (const version of this.controls(`version:${name}`)) data.append(version.name, version.value);
    data.set("autosave", name);
    return data;
  }

  async save(name) {
    const field = this.field(name);
    if (field.busy || field.blocked || !field.dirty) return;
    field.dirty = false;
    const sent = JSON.stringify(this.values(name));
    if (sent === field.confirmed) {
      store.drop(this.key(name));
      return;
    }
    field.busy = true;
    this.say("saving", t.saving, false);
    try {
      const token = this.form.querySelector("[name=csrfmiddlewaretoken]");
      const answer = await fetch(this.url, {
        method: "POST", body: this.body(name), credentials: "same-origin", redirect: "manual", keepalive: sent.length < 30000,
        headers: { "X-Autosave": "1", "X-CSRFToken": token ? token.value : "", Accept: "application/json" },
      });
      field.busy = false;
      await this.answered(name, answer, sent);
    } catch {
      field.busy = false;
      this.failed(name);
    }
    if (field.dirty && !field.tries) this.later(name, 0);
  }

  async answered(name, answer, sent) {
    if (answer.status === 200) this.saved(name, await answer.json(), sent);
    else if (answer.status === 409) this.conflicted(name, (await answer.json()).conflicts || {});
    else if (answer.status >= 500 || answer.status === 429) this.failed(name);
    else this.refused(answer);
  }

  saved(name, data, sent) {
    const field = this.field(name);
    field.tries = 0;
    for (const [one, version] of Object.entries(data.versions || {})) this.setVersion(one, version);
    const errors = (data.errors || {})[name] || [];
    this.showErrors(name, errors);
    if (errors.length) this.say("failed", t.refused, true);
    else field.confirmed = sent;
    if (!errors.length && JSON.stringify(this.values(name)) === sent) store.drop(this.key(name));
    if (!errors.length && !field.dirty) this.say("saved", t.saved(data.saved_at), false);
  }

  failed(name) {
    const field = this.field(name);
    field.dirty = true;
    const wait = RETRY_MS[Math.min(field.tries, RETRY_MS.length - 1)];
    field.tries += 1;
    this.say("failed", t.failed, field.tries === 1);
    this.later(name, wait);
  }

  async refused(answer) {
    const type = answer.headers.get("content-type") || "";
    const data = type.includes("json") ? await answer.json().catch(() => ({})) : {};
    this.say("failed", data.message || t.ended, true);
  }

  retryAll() { for (const [name, field] of this.fields) if (field.dirty) this.later(name, 0); }

  setVersion(name, version) { for (const one of this.controls(`version:${name}`)) one.value = version; }

  group(name) {
    const control = this.controls(name)[0];
    return control && (control.closest(".usa-form-group, .criterion") || control.parentElement);
  }

  note(name, kind) {
    this.clear(name, kind);
    const note = element("div", `field-notice field-notice--${kind}`);
    note.dataset.autosaveNote = `${kind}:${name}`;
    note.setAttribute("role", "status");
    this.group(name).append(note);
    return note;
  }

  clear(name, kind) {
    this.form.querySelector(`[data-autosave-note="${CSS.escape(`${kind}:${name}`)}"]`)?.remove();
  }

  showErrors(name, errors) {
    this.clear(name, "error");
    if (!errors.length) return;
    const note = this.note(name, "error");
    for (const error of errors) note.append(element("p", "usa-error-message", error));
  }

  conflicted(name, conflicts) {
    for (const [one, other] of Object.entries(conflicts)) this.showConflict(one, other);
    this.say("failed", t.refused, true);
  }

  showConflict(name, other) {
    const field = this.field(name);
    field.blocked = true;
    const note = this.note(name, "conflict");
    note.append(element("p", "", t.conflict(other.by || t.someone, other.at || "")));
    note.append(element("blockquote", "", other.theirs || t.empty));
    const mine = element("button", "usa-button usa-button--small", t.mine);
    const theirs = element("button", "usa-button usa-button--outline usa-button--small", t.theirs);
    const settle = (values) => {
      field.blocked = false;
      field.confirmed = null;
      if (other.version !== undefined) this.setVersion(name, other.version);
      if (values) this.put(name, values);
      this.clear(name, "conflict");
      this.changed(this.controls(name)[0], 0);
    };
    mine.type = theirs.type = "button";
    mine.addEventListener("click", () => settle(null));
    theirs.addEventListener("click", () => settle(other.values || [other.theirs || ""]));
    const row = element("div", "cluster");
    row.append(mine, theirs);
    note.append(row);
  }

  restore() {
    const names = new Set([...this.form.elements].filter((one) => this.saves(one)).map((one) => one.name));
    for (const name of names) {
      const kept = store.get(this.key(name));
      if (!Array.isArray(kept)) continue;
      if (JSON.stringify(kept) === JSON.stringify(this.values(name))) store.drop(this.key(name));
      else this.restoreOne(name, kept);
    }
  }

  restoreOne(name, kept) {
    this.put(name, kept);
    this.note(name, "restored").append(element("p", "", t.restored));
    this.field(name).dirty = true;
    this.later(name, 0);
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
