/* Running total, what is done, and what is missing as links; tells at once which points need a reason. */

import { element } from "../autosave/notes.js";

const put = (selector, value) => {
  for (const place of document.querySelectorAll(selector)) place.textContent = String(value);
};

export const picked = (criterion) => criterion.querySelector("input[type=radio]:checked");
export const commentOf = (criterion) => criterion.querySelector("textarea[name^=comment_]");

function lacksComment(criterion) {
  const points = picked(criterion);
  const needed = (criterion.dataset.commentAt || "").split(" ");
  const comment = commentOf(criterion);
  return Boolean(points && comment && needed.includes(points.value) && !comment.value.trim());
}

function link(criterion, target, words) {
  const item = element("li");
  const title = criterion.querySelector("legend").textContent.trim().replace(/\s+/g, " ");
  const made = element("a", "", `${title}: ${words}`);
  made.href = `#${target.id}`;
  item.append(made);
  return item;
}

/** Keeps the numbers of `form` right; returns {missing()} with the criteria that keep it from submitting. */
export function wireSums(form) {
  const criteria = () => [...form.querySelectorAll("[data-criterion]")];
  const box = form.querySelector("[data-missing-box]");
  const list = form.querySelector("[data-missing-list]");
  const missing = () => criteria().filter((one) => !picked(one) || lacksComment(one));

  const fillList = (unscored, silent) => {
    if (!list) return;
    const rows = element("ul", "sheet__missing-list");
    for (const one of unscored) rows.append(link(one, one.querySelector("input[type=radio]"), list.dataset.wordsPoints));
    for (const one of silent) rows.append(link(one, commentOf(one), list.dataset.wordsComment));
    list.replaceChildren(rows);
  };

  const update = () => {
    const all = criteria();
    const given = all.map(picked).filter(Boolean);
    const unscored = all.filter((one) => !picked(one));
    const silent = all.filter(lacksComment);
    put("[data-total], [data-total-too]", given.reduce((sum, one) => sum + Number(one.value), 0));
    put("[data-done]", given.length);
    put("[data-missing]", unscored.length);
    put("[data-silent]", silent.length);
    for (const part of document.querySelectorAll("[data-silent-part]")) part.hidden = !silent.length;
    for (const one of all) {
      const note = one.querySelector("[data-comment-needed]");
      if (note) note.hidden = !silent.includes(one);
    }
    if (box) box.hidden = !unscored.length && !silent.length;
    fillList(unscored, silent);
  };

  form.addEventListener("change", update);
  form.addEventListener("input", (event) => { if (event.target.matches("textarea[name^=comment_]")) update(); });
  update();
  return { missing, update };
}
