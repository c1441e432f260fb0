/* Saves each control of form[data-autosave] as it changes; nothing typed is lost. POST to the form's
   action with the header X-Autosave; body: the control's values, "version:<name>", "autosave=<name>".
   Answers: 200 {saved_at, versions, errors, shown}; 409 {conflicts: {name: {theirs, values, by, own, at,
   version, held}}} (own: the other version is one's own, from another window; on form[data-score-sheet]
   it always is); 401 or a redirect: signed out; other 4xx {message, errors}; 5xx and a lost connection
   are tried again. data-copy on the form names person and form for the local copy; data-unsaved says
   that the page shows text that was refused. The server may keep refused text, too: `held` is its
   token, sent back as "held:<name>" by the save that settles it; [data-held] on the page has such text
   of an earlier visit. */

import { show } from "./autosave/leftover.js";
import { watch } from "./autosave/presence.js";
import { Saver } from "./autosave/saver.js";

for (const place of document.querySelectorAll("[data-leftover]")) show(place);
for (const form of document.querySelectorAll("form[data-autosave]")) new Saver(form);
for (const place of document.querySelectorAll("[data-presence]")) watch(place);
