/* What is said beside a field: an error, another version to choose from; and what was put back. */

import { t } from "./texts.js";

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function button(text, kind, act) {
  const made = element("button", `usa-button usa-button--small ${kind}`, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export class Notes {
  constructor(form, controls) {
    this.form = form;
    this.controls = controls;
  }

  open(name, kind) {
    this.clear(name, kind);
    const note = element("div", `field-notice field-notice--${kind}`);
    note.dataset.autosaveNote = `${kind}:${name}`;
    note.setAttribute("role", "status");
    note.tabIndex = -1;
    this.place(name, note);
    return note;
  }

  /** Put the note under the field; a criterion has several fields, so there right after the control. */
  place(name, note) {
    const control = this.controls.first(name);
    if (!control.closest(".criterion")) this.controls.group(name).append(note);
    else (control.closest(".points") || control).after(note);
  }

  find(name, kind) {
    return this.form.querySelector(`[data-autosave-note="${CSS.escape(`${kind}:${name}`)}"]`);
  }

  clear(name, kind) {
    this.find(name, kind)?.remove();
  }

  errors(name, errors) {
    this.clear(name, "error");
    for (const old of this.controls.group(name).querySelectorAll(".usa-error-message")) old.hidden = true;
    if (!errors.length) return;
    const note = this.open(name, "error");
    for (const error of errors) note.append(element("p", "usa-error-message", error));
  }

  /** Show the other version with a choice; `settle(values)` goes on, with null for one's own. */
  conflict(name, other, settle) {
    const note = this.open(name, "conflict");
    const own = other.own || this.form.matches("[data-score-sheet]"); // one person writes on a sheet
    const at = other.at || "";
    note.append(element("p", "", own ? t.conflictOwn(at) : t.conflict(other.by || t.someone, at)));
    note.append(element("blockquote", "", other.theirs === 0 ? "0" : other.theirs || t.empty));
    const done = (values) => {
      this.clear(name, "conflict");
      settle(values);
    };
    const row = element("div", "cluster");
    row.append(
      button(own ? t.mineOwn : t.mine, "", () => done(null)),
      button(own ? t.theirsOwn : t.theirs, "usa-button--outline", () => done(other.values || [String(other.theirs ?? "")])),
    );
    const control = this.controls.first(name);
    if (control.matches("textarea")) {
      row.append(button(t.merge, "usa-button--outline", () => this.merge(note, row, own, control, other, done)));
    }
    note.append(row);
    this.reveal(note);
  }

  /** In a pane that scrolls by itself a message would often be out of sight. */
  reveal(note) {
    const folded = note.closest("details");
    if (folded) folded.open = true;
    if (note.closest(".split__pane")) note.scrollIntoView({ block: "nearest" });
  }

  merge(note, row, own, control, other, done) {
    const area = element("textarea", "usa-textarea");
    area.rows = 12;
    area.value = `${other.theirs || ""}\n\n${control.value}`.trim();
    const words = own ? t.mergedOwn : t.merged;
    area.setAttribute("aria-label", words);
    row.remove();
    const save = button(t.save, "", () => done([area.value]));
    note.append(element("p", "", words), area, save);
    area.focus();
  }

  /** Say at the top which fields hold text again that was not saved. */
  restored(names) {
    const note = element("div", "notice notice--warning restored");
    note.setAttribute("role", "status");
    this.form.before(note);
    setTimeout(() => {
      const body = element("div", "notice__body");
      body.append(element("p", "notice__title", t.restored(names.length)));
      const list = element("ul", "usa-list");
      for (const name of names) {
        const item = element("li");
        const link = element("a", "", this.controls.label(name));
        link.href = `#${this.controls.first(name).id}`;
        item.append(link);
        list.append(item);
      }
      body.append(list);
      note.append(body);
    }, 100);
  }
}
