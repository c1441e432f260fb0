/* On a page that can only be read: shows what this browser still keeps of the person's own text and
   what the application does not have. Nothing is sent, nothing is dropped. */

import { same } from "./controls.js";
import { Copies } from "./copies.js";
import { element } from "./notes.js";

function put(row, text) {
  const label = element("label", "usa-label", row.dataset.label);
  const area = element("textarea", "usa-textarea");
  area.id = `leftover-${row.dataset.question}`;
  label.htmlFor = area.id;
  area.rows = 4;
  area.readOnly = true;
  area.value = text;
  row.append(label, area);
  row.hidden = false;
}

/** `place` is hidden; its data-leftover names person and form, its [data-question] the questions. */
export function show(place) {
  const copies = new Copies(place.dataset.leftover);
  for (const row of place.querySelectorAll("[data-question]")) {
    const kept = copies.get(row.dataset.question);
    const text = kept ? kept.values.join("\n") : "";
    if (!text.trim() || same(kept.values, JSON.parse(row.dataset.values))) continue;
    put(row, text);
    place.hidden = false;
  }
}
