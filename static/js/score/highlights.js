/* Marking words of an answer: by a small menu beside the selection, or with the key h. The server
   keeps and draws the highlights; this sends them and puts its drawing in place. */

import { send } from "../autosave/sending.js";

const TAP_MS = 400; // a tap becomes a click within this time
const GAP = matchMedia("(pointer: coarse)").matches ? 32 : 8; // room for the handles of a touch selection

const length = (text) => [...text].length; // characters as the server counts them

/** What is selected inside one answer: {entry, start, quote, box}, or null. */
function selected() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const node = range.startContainer;
  const passage = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.("[data-passage]");
  if (!passage) return null;
  const inside = document.createRange();
  inside.setStart(range.startContainer, range.startOffset);
  if (passage.contains(range.endContainer)) inside.setEnd(range.endContainer, range.endOffset);
  else inside.setEndAfter(passage.lastChild);
  const before = document.createRange();
  before.selectNodeContents(passage);
  before.setEnd(inside.startContainer, inside.startOffset);
  const quote = inside.toString();
  if (!quote.trim()) return null;
  return { entry: passage.dataset.passage, start: length(before.toString()), quote, range: inside };
}

class Highlights {
  constructor(place) {
    this.place = place;
    this.url = place.dataset.highlights;
    this.form = place.querySelector("form");
    this.list = place.querySelector("[data-highlight-list]");
    this.states = [...document.querySelectorAll("[data-highlight-state]")];
    this.menu = document.querySelector("[data-highlight-menu]");
    this.note = this.menu.querySelector(".highlight-menu__note");
    this.pending = null;
    this.held = false; // a finger is on the menu: the selection may go before the tap arrives
  }

  listen() {
    document.addEventListener("selectionchange", () => this.follow());
    document.addEventListener("mark-selection", () => this.mark(selected()));
    this.menu.addEventListener("pointerdown", () => { this.held = true; });
    for (const over of ["pointerup", "pointercancel"]) {
      document.addEventListener(over, () => setTimeout(() => { this.held = false; }, TAP_MS));
    }
    this.menu.addEventListener("click", () => { this.held = false; });
    for (const [where, what] of [[document, "scroll"], [window, "resize"], [window.visualViewport, "resize"]]) {
      where?.addEventListener(what, () => this.put(), { capture: true, passive: true });
    }
    this.menu.addEventListener("mousedown", (event) => { if (event.target.matches("button")) event.preventDefault(); });
    this.menu.querySelector("[data-mark]").addEventListener("click", () => this.mark(this.pending));
    this.menu.querySelector("[data-mark-note]").addEventListener("click", () => this.askNote());
    this.menu.addEventListener("submit", (event) => {
      event.preventDefault();
      this.mark(this.pending, this.note.querySelector("textarea").value);
    });
    this.menu.addEventListener("keydown", (event) => { if (event.key === "Escape") this.hide(); });
    this.place.addEventListener("submit", (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(event.target));
      if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
      this.post(body, event.target);
    });
    this.place.addEventListener("click", (event) => {
      const link = event.target.closest("[data-jump]");
      if (link) this.flash(link.dataset.jump);
    });
  }

  follow() {
    if (this.held || this.menu.contains(document.activeElement)) return;
    this.pending = selected();
    if (!this.pending) {
      this.hide();
      return;
    }
    this.menu.hidden = false;
    this.put();
  }

  /** Put the menu below the selection, inside the window and above a keyboard on the screen. */
  put() {
    if (!this.pending || this.menu.hidden) return;
    const box = this.pending.range.getBoundingClientRect();
    const view = window.visualViewport;
    const bottom = view ? view.offsetTop + view.height : window.innerHeight;
    this.menu.style.top = `${Math.max(8, Math.min(box.bottom + GAP, bottom - this.menu.offsetHeight - 8))}px`;
    this.menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - this.menu.offsetWidth - 8))}px`;
  }

  hide() {
    this.menu.querySelector("[data-highlight-state]").textContent = "";
    this.menu.hidden = true;
    this.note.hidden = true;
    this.note.querySelector("textarea").value = "";
  }

  askNote() {
    this.note.hidden = false;
    this.put();
    this.note.querySelector("textarea").focus({ preventScroll: true });
  }

  async mark(passage, note = "") {
    if (!passage) return;
    const { entry, start, quote } = passage;
    const done = await this.post(new URLSearchParams({ entry, start, quote, note }), null);
    if (!done) return;
    document.getSelection().removeAllRanges();
    this.pending = null;
    this.hide();
  }

  /** Send, then show what the server drew; a form that was done with is emptied. */
  async post(body, form) {
    const { kind, data } = await send(this.form, this.url, body);
    if (kind !== "saved") {
      this.say(data.message || this.states.find((one) => one.dataset.failed)?.dataset.failed);
      return false;
    }
    for (const [entry, html] of Object.entries(data.texts)) {
      const text = document.querySelector(`[data-passage="${CSS.escape(entry)}"]`);
      if (text) text.innerHTML = html;
    }
    form?.reset();
    this.list.innerHTML = data.list;
    this.say(data.message);
    return true;
  }

  say(text) {
    for (const one of this.states) one.textContent = text || "";
  }

  flash(id) {
    for (const one of document.querySelectorAll(".highlight--now")) one.classList.remove("highlight--now");
    for (const one of document.querySelectorAll(`[data-highlight~="${CSS.escape(id)}"]`)) one.classList.add("highlight--now");
  }
}

export function wireHighlights(place) {
  new Highlights(place).listen();
}
