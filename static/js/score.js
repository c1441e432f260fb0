/* The score page. form[data-score-sheet] is a sheet that may be written on: totals, what is missing,
   keys. The search, the highlights and the switch between panes also serve who only reads. */

import { wireFind } from "./score/find.js";
import { wireHighlights } from "./score/highlights.js";
import { wireKeys } from "./score/keys.js";
import { wirePanes } from "./score/panes.js";
import { wireSums } from "./score/sums.js";

for (const form of document.querySelectorAll("form[data-score-sheet]")) wireKeys(form, wireSums(form));
for (const form of document.querySelectorAll("[data-find]")) wireFind(form);
for (const list of document.querySelectorAll("[data-highlights]")) wireHighlights(list);
for (const bar of document.querySelectorAll("[data-score-bar]")) wirePanes(bar);
