/* The local copy of what the server has not confirmed: one entry a field, of one person and one form.
   An entry is {values, version, unsure, at}; `version` is what the text was based on, `unsure` are
   values that were sent without an answer. Nobody else's entries are ever read. */

const PREFIX = "autosave:";
const KEEP_MS = 60 * 24 * 3600 * 1000;

export class Copies {
  /** `owner` names person and form, such as "7/application-12". */
  constructor(owner) {
    this.owner = owner;
    this.works = true;
    this.forgetOld();
  }

  key(name) {
    return `${PREFIX}${this.owner}:${name}`;
  }

  get(name) {
    try {
      const entry = JSON.parse(localStorage.getItem(this.key(name)));
      return entry && Array.isArray(entry.values) ? entry : null;
    } catch {
      return null;
    }
  }

  set(name, entry) {
    try {
      localStorage.setItem(this.key(name), JSON.stringify({ ...entry, at: Date.now() }));
    } catch {
      this.works = false; // full or switched off
    }
  }

  drop(name) {
    try {
      localStorage.removeItem(this.key(name));
    } catch {
      this.works = false;
    }
  }

  forgetOld() {
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(PREFIX)) continue;
        const entry = JSON.parse(localStorage.getItem(key));
        if (!entry || !entry.at || Date.now() - entry.at > KEEP_MS) localStorage.removeItem(key);
      }
    } catch {
      this.works = false;
    }
  }
}
