/* The line that says "Saved 10:42": seen at once, spoken rarely. */

import { element } from "./notes.js";
import { signInUrl } from "./sending.js";
import { t } from "./texts.js";

const SPEAK_MS = 20000;

export class Line {
  constructor(form) {
    this.place = form.querySelector("[data-save-state]") || document.querySelector("[data-save-state]");
    this.echoes = document.querySelectorAll("[data-save-state-too]"); // seen elsewhere, never spoken
    this.spokenAt = 0;
    if (!this.place) return;
    this.place.removeAttribute("role");
    this.spoken = element("span", "usa-sr-only");
    this.spoken.setAttribute("aria-live", "polite");
    this.place.after(this.spoken);
  }

  say(state, text, important = false) {
    if (!this.place) return;
    for (const one of [this.place, ...this.echoes]) {
      one.dataset.state = state;
      one.textContent = text;
    }
    const now = Date.now();
    if (!important && (state === "saving" || now - this.spokenAt < SPEAK_MS)) return;
    this.spokenAt = now;
    this.spoken.textContent = text;
  }

  /** Say that the session is over; `leaving` is called when the person follows the link. */
  signedOut(leaving) {
    this.say("failed", t.ended, true);
    if (!this.place) return;
    for (const one of [this.place, ...this.echoes]) {
      const link = element("a", "save-state__link", t.signIn);
      link.href = signInUrl();
      link.addEventListener("click", leaving);
      one.append(" ", link);
    }
  }
}
