/* Says at once and every 25 seconds that this section is open, shows who else is here, and after a
   save how far the application is. With data-presence-only it only says that the page is open, also in
   the background, and that it was left. */

import { send } from "./sending.js";

const BEAT_MS = 25000;
const AFTER_SAVE_MS = 2500;

function put(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

function show(data) {
  put(document.querySelector("[data-here]"), data.here || "");
  const progress = data.progress || { sections: {} };
  for (const item of document.querySelectorAll("[data-nav]")) {
    const key = item.dataset.nav;
    put(item.querySelector(".section-nav__here"), (data.sections || {})[key] || "");
    if (progress.sections[key]) put(item.querySelector(".section-nav__state"), progress.sections[key]);
  }
  if (progress.state) put(document.querySelector("[data-section-state]"), progress.state);
  if (progress.done) put(document.querySelector("[data-sections-done]"), progress.done);
}

function tell(form, url) {
  const page = Math.random().toString(36).slice(2);
  const beat = () => send(form, url, new URLSearchParams({ page }));
  beat();
  setInterval(beat, BEAT_MS);
  addEventListener("pageshow", (event) => { if (event.persisted) beat(); });
  addEventListener("pagehide", () => send(form, url, new URLSearchParams({ page, left: "1" }), true));
}

/** `place` is the element whose data-presence is the address of the heartbeat. */
export function watch(place) {
  const form = place.querySelector("form[data-autosave]");
  if ("presenceOnly" in place.dataset) return tell(form, place.dataset.presence);
  let timer = 0;
  const beat = async (progress) => {
    const body = new URLSearchParams(progress ? { progress: "1" } : {});
    const { kind, data } = await send(form, place.dataset.presence, body);
    if (kind === "saved") show(data);
  };
  beat(false);
  setInterval(() => { if (!document.hidden) beat(false); }, BEAT_MS);
  document.addEventListener("autosaved", () => {
    clearTimeout(timer);
    timer = setTimeout(() => beat(true), AFTER_SAVE_MS);
  });
}
