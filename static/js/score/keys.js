/* The keys of the score page. Single letters do nothing while one types in a field, and can be switched
   off for good in this browser; Ctrl or Cmd + Enter always asks whether to submit. */

import { commentOf, picked } from "./sums.js";

const OFF = "score-keys-off";
const typing = (target) => target.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");

function isOff() {
  try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
}

function switchOff(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch { /* private mode: for this page only */ }
}

class Keys {
  constructor(form, sums) {
    this.form = form;
    this.sums = sums;
    this.current = null;
    this.fresh = false; // current on load: nobody has stood on it yet
    this.off = isOff();
    this.help = document.querySelector("[data-keys]");
    this.confirm = document.querySelector("[data-confirm-submit]");
    this.acts = {
      j: () => this.step(1),
      k: () => this.step(-1),
      d: () => this.levels(),
      c: () => this.write(this.current && commentOf(this.current)),
      n: () => this.note(),
      h: () => document.dispatchEvent(new CustomEvent("mark-selection")),
      "/": () => document.querySelector("[data-find] input")?.focus(),
      "?": () => this.help?.showModal(),
    };
  }

  listen() {
    this.begin();
    this.form.addEventListener("focusin", (event) => {
      const criterion = event.target.closest("[data-criterion]");
      if (criterion) this.stand(criterion);
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    for (const button of document.querySelectorAll("[data-keys-open]")) {
      button.hidden = !this.help;
      button.addEventListener("click", () => this.help.showModal());
    }
    const box = document.querySelector("[data-keys-on]");
    if (box) {
      box.checked = !this.off;
      box.addEventListener("change", () => {
        this.off = !box.checked;
        switchOff(this.off);
      });
    }
    this.confirm?.addEventListener("close", () => {
      if (this.confirm.returnValue !== "submit") return;
      this.confirm.returnValue = "";
      this.form.requestSubmit(this.form.querySelector("[data-submit]"));
    });
  }

  pressed(event) {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.form.contains(event.target) && typing(event.target)) {
      this.focus(event.target.closest("[data-criterion]"));
    } else if (!(event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || this.off)) {
      this.single(event);
    }
  }

  single(event) {
    const act = this.acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (this.current && /^[0-9]$/.test(event.key)) {
      event.preventDefault();
      this.choose(event.key);
    }
  }

  /** The first criterion without points is current from the start; nothing moves and nothing is focused. */
  begin() {
    const first = [...this.form.querySelectorAll("[data-criterion]")].find((one) => !picked(one));
    if (!first) return;
    this.stand(first);
    this.fresh = true;
  }

  stand(criterion) {
    this.fresh = false;
    this.current?.classList.remove("criterion--current");
    this.current = criterion;
    criterion.classList.add("criterion--current");
  }

  focus(criterion) {
    if (!criterion) return;
    const radio = picked(criterion) || criterion.querySelector("input[type=radio]");
    radio.focus({ preventScroll: true });
    criterion.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const all = [...this.form.querySelectorAll("[data-criterion]")];
    const at = all.indexOf(this.current);
    if (this.fresh && by > 0) {
      this.focus(this.current);
      return;
    }
    this.focus(at < 0 ? all[0] : all[Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  choose(value) {
    const radio = this.current.querySelector(`input[type=radio][value="${value}"]`);
    if (!radio || radio.disabled || !this.current.checkVisibility()) return;
    radio.checked = true;
    radio.focus({ preventScroll: true });
    this.current.scrollIntoView({ block: "nearest" });
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }

  levels() {
    const levels = this.current?.querySelector("[data-levels]");
    if (levels) levels.open = !levels.open;
  }

  note() {
    const place = this.current?.querySelector("[data-note]");
    if (!place) return;
    place.open = true;
    this.write(place.querySelector("textarea"));
  }

  write(field) {
    if (!field) return;
    field.focus({ preventScroll: true });
    field.scrollIntoView({ block: "nearest" });
  }

  /** Ask before the sheet is locked; what is missing is shown instead. */
  submit() {
    const box = this.form.querySelector("[data-missing-box]");
    if (this.sums.missing().length && box) {
      box.open = true;
      (box.querySelector("a") || box.querySelector("summary")).focus();
    } else this.confirm?.showModal();
  }
}

export function wireKeys(form, sums) {
  new Keys(form, sums).listen();
}
