/* Saves each control of a form as it changes; one request a field at a time, in the order typed.
   What the server has not confirmed stays in the local copy until it is. */

import { Controls, same } from "./controls.js";
import { Copies } from "./copies.js";
import { Line } from "./line.js";
import { Notes } from "./notes.js";
import { send } from "./sending.js";
import { t } from "./texts.js";

const TYPING_MS = 700;
const RETRY_MS = [2000, 5000, 15000, 30000, 60000];
const SMALL = 30000; // characters that may be sent while the page is being left
const NEW = { timer: 0, busy: false, dirty: false, tries: 0, blocked: false, wrong: false, confirmed: null };

export class Saver {
  constructor(form) {
    this.form = form;
    this.url = form.getAttribute("action") || location.pathname;
    this.controls = new Controls(form);
    this.copies = new Copies(form.dataset.copy || `0/${this.url}`);
    this.notes = new Notes(form, this.controls);
    this.line = new Line(form);
    this.fields = new Map();
    this.leaving = false;
    this.out = false;
    this.listen();
    this.restore();
  }

  listen() {
    const { form } = this;
    form.addEventListener("input", (event) => this.changed(event.target, TYPING_MS));
    form.addEventListener("change", (event) => this.changed(event.target, 0));
    form.addEventListener("focusout", (event) => this.left(event.target));
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("online", () => this.retryAll());
    window.addEventListener("pagehide", () => this.flush());
    window.addEventListener("pageshow", () => { this.leaving = false; });
    window.addEventListener("beforeunload", (event) => { if (this.wouldLose()) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.flush() : this.retryAll()));
  }

  field(name) {
    if (!this.fields.has(name)) this.fields.set(name, { ...NEW, unsure: [] });
    return this.fields.get(name);
  }

  some(test) { return [...this.fields.values()].some(test); }

  waiting() { return this.some((one) => one.busy || (one.dirty && !one.blocked)); }

  wouldLose() {
    if (this.leaving) return false;
    return this.some((one) => one.tries > 0) || (!this.copies.works && this.waiting());
  }

  changed(control, delay) {
    if (!this.controls.saves(control)) return;
    const { name } = control;
    const field = this.field(name);
    const idle = !field.dirty && !field.busy && !field.blocked && !field.wrong;
    if (idle && field.confirmed && same(this.controls.values(name), field.confirmed)) return;
    field.dirty = true;
    field.tries = 0;
    this.keep(name);
    if (!field.blocked) this.working();
    if (delay && this.controls.whenLeft(name)) return;
    this.later(name, delay);
  }

  left(control) {
    if (this.controls.saves(control) && this.fields.get(control.name)?.dirty) this.later(control.name, 0);
  }

  /** Say that a save is under way; the link to sign in stays where it is. */
  working() { if (!this.out) this.line.say("saving", t.saving); }

  keep(name) {
    if (!this.controls.mayCopy(name)) return;
    const { unsure } = this.field(name);
    this.copies.set(name, { values: this.controls.values(name), version: this.controls.version(name), unsure });
  }

  later(name, delay) {
    const field = this.field(name);
    clearTimeout(field.timer);
    field.timer = setTimeout(() => this.save(name), delay);
  }

  body(name) {
    const data = new URLSearchParams();
    for (const value of this.controls.values(name)) data.append(name, value);
    data.set(`version:${name}`, this.controls.version(name));
    data.set("autosave", name);
    const held = this.controls.held(name);
    if (held) data.set(`held:${name}`, held);
    return data;
  }

  async save(name) {
    const field = this.field(name);
    if (field.busy || field.blocked || !field.dirty) return;
    clearTimeout(field.timer);
    field.dirty = false;
    const sent = this.controls.values(name);
    if (field.confirmed && same(sent, field.confirmed)) {
      this.copies.drop(name);
      this.notes.errors(name, []);
      field.wrong = false;
      this.tell();
      return;
    }
    field.busy = true;
    this.working();
    const body = this.body(name);
    const answer = await send(this.form, this.url, body, body.toString().length < SMALL);
    field.busy = false;
    this.answered(name, answer, sent);
    if (field.dirty && !field.tries) this.later(name, 0);
  }

  answered(name, { kind, data }, sent) {
    const field = this.field(name);
    if (kind === "saved") this.saved(name, data, sent);
    else if (kind === "failed") this.failed(name, sent);
    else if (kind === "conflict") this.conflicted(name, data.conflicts[name] || {});
    else if (kind === "signedOut") {
      field.dirty = true;
      field.tries += 1;
      if (!this.out) this.line.signedOut(() => { this.leaving = true; });
      this.out = true;
    } else {
      field.wrong = true;
      this.notes.errors(name, (data.errors || {})[name] || []);
      this.line.say("failed", data.message || t.refused, true);
    }
  }

  saved(name, data, sent) {
    const field = this.field(name);
    this.out = false;
    field.tries = 0;
    field.unsure = [];
    for (const [one, version] of Object.entries(data.versions || {})) this.controls.setVersion(one, version);
    this.controls.setHeld(name, "");
    const errors = (data.errors || {})[name] || [];
    this.notes.errors(name, errors);
    field.wrong = errors.length > 0;
    if (field.wrong) {
      this.line.say("failed", t.refused, true);
      return;
    }
    field.confirmed = sent;
    for (const [one, text] of Object.entries(data.shown || {})) {
      for (const place of document.querySelectorAll(`[data-shown="${CSS.escape(one)}"]`)) place.textContent = text;
    }
    if (!this.controls.mayCopy(name) && same(this.controls.values(name), sent)) {
      this.controls.put(name, [""]);
      field.confirmed = [""];
    } else if (same(this.controls.values(name), sent)) this.copies.drop(name);
    else this.keep(name);
    this.savedAt = data.saved_at;
    this.tell();
    this.form.dispatchEvent(new CustomEvent("autosaved", { bubbles: true }));
  }

  /** Say how things stand once an answer is in. */
  tell() {
    if (this.some((one) => one.blocked || one.wrong)) this.line.say("failed", t.refused);
    else if (!this.waiting() && this.savedAt) this.line.say("saved", t.saved(this.savedAt));
  }

  failed(name, sent) {
    const field = this.field(name);
    field.dirty = true;
    if (!field.unsure.some((one) => same(one, sent))) field.unsure.push(sent);
    this.keep(name);
    const wait = RETRY_MS[Math.min(field.tries, RETRY_MS.length - 1)];
    field.tries += 1;
    if (!this.out) this.line.say("failed", t.failed, field.tries === 1);
    this.later(name, wait);
  }

  conflicted(name, other) {
    const field = this.field(name);
    field.tries = 0;
    if (other.held) this.controls.setHeld(name, other.held);
    const theirs = other.values || [String(other.theirs ?? "")];
    if (field.unsure.some((one) => same(one, theirs))) { // our own save, of which no answer arrived
      field.unsure = [];
      this.settle(name, other.version, null);
      return;
    }
    field.blocked = true;
    this.notes.conflict(name, other, (values) => this.settle(name, other.version, values));
    this.line.say("failed", t.refused, true);
  }

  settle(name, version, values) {
    const field = this.field(name);
    field.blocked = false;
    field.confirmed = null;
    if (version !== undefined) this.controls.setVersion(name, version);
    if (values) this.controls.put(name, values);
    this.changed(this.controls.first(name), 0);
    this.controls.first(name).focus();
  }

  retryAll() { for (const [name, field] of this.fields) if (field.dirty) this.later(name, 0); }

  /** Send at once what waits, as the page may not come back. */
  flush() {
    for (const [name, field] of this.fields) if (field.dirty && !field.busy) this.save(name);
  }

  /** A button first saves what waits, and leaves the page only when all of it is confirmed. */
  async submitted(event) {
    if (this.leaving || !(this.waiting() || this.some((one) => one.blocked))) {
      this.leaving = navigator.onLine;
      if (this.leaving) return;
      event.preventDefault(); // the browser would leave for a page of its own
      this.line.say("failed", t.offline, true);
      return;
    }
    event.preventDefault();
    const { submitter } = event;
    this.flush();
    do { // at least once: a form does not submit while its submit event is being heard
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    } while (this.some((one) => one.busy || (one.dirty && !one.tries && !one.blocked)));
    const open = [...this.fields].find(([, one]) => one.blocked);
    if (open) {
      this.line.say("failed", t.refused, true);
      this.notes.find(open[0], "conflict")?.focus();
    } else if (this.some((one) => one.tries > 0)) {
      if (!this.out) this.line.say("failed", t.kept, true);
    } else {
      this.leaving = true;
      this.form.requestSubmit(submitter);
    }
  }

  restore() {
    const unsaved = "unsaved" in this.form.dataset;
    const back = [];
    for (const name of this.controls.names()) {
      const held = unsaved ? null : this.takeHeld(name);
      const kept = this.copies.get(name) || held;
      if (!kept) continue;
      const equal = same(kept.values, this.controls.values(name));
      if (equal && !unsaved && !held) {
        this.copies.drop(name);
        continue;
      }
      const field = this.field(name);
      if (!unsaved) {
        this.controls.put(name, kept.values);
        this.controls.setVersion(name, kept.version);
        field.unsure = kept.unsure || [];
        back.push(name);
      }
      field.dirty = true;
      this.later(name, 0);
    }
    if (back.length) this.notes.restored(back);
  }

  /** The person's text that the server kept out of the answer before; like a copy. */
  takeHeld(name) {
    const place = document.querySelector(`[data-held="${CSS.escape(name)}"]`);
    if (!place) return null;
    this.controls.setHeld(name, place.dataset.token);
    const notice = place.closest("[data-held-notice]");
    place.remove();
    if (notice && !notice.querySelector("[data-held]")) notice.remove();
    return { values: JSON.parse(place.dataset.values), version: place.dataset.base };
  }
}
