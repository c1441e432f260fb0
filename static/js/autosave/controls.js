/* A form's controls by name: what they hold, and putting values back. */

const NEVER = ["hidden", "submit", "button", "file", "password"];

export class Controls {
  constructor(form) {
    this.form = form;
  }

  all(name) {
    return [...this.form.elements].filter((one) => one.name === name);
  }

  first(name) {
    return this.all(name)[0];
  }

  saves(control) {
    return Boolean(control.name) && !NEVER.includes(control.type) && !control.name.startsWith("version:") && !control.disabled;
  }

  names() {
    return new Set([...this.form.elements].filter((one) => this.saves(one)).map((one) => one.name));
  }

  values(name) {
    return this.all(name).flatMap((one) => {
      if (one.type === "radio" || one.type === "checkbox") return one.checked ? [one.value] : [];
      if (one.type === "select-multiple") return [...one.selectedOptions].map((option) => option.value);
      return [one.value];
    });
  }

  put(name, values) {
    for (const one of this.all(name)) {
      if (one.type === "radio" || one.type === "checkbox") one.checked = values.includes(one.value);
      else if (one.type === "select-multiple") for (const option of one.options) option.selected = values.includes(option.value);
      else one.value = values[0] || "";
      if (one.matches("textarea")) one.dispatchEvent(new CustomEvent("input"));
    }
  }

  version(name) {
    return this.first(`version:${name}`)?.value || "0";
  }

  setVersion(name, version) {
    for (const one of this.all(`version:${name}`)) one.value = version;
  }

  /** The token of refused text that the server keeps, or "". */
  held(name) {
    return this.first(`held:${name}`)?.value || "";
  }

  setHeld(name, token) {
    for (const one of this.all(`held:${name}`)) one.remove();
    if (!token) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: `held:${name}`, value: token });
    this.form.append(input);
  }

  /** Whether a copy may stay in this browser: not of numbers that are stored encrypted. */
  mayCopy(name) {
    return !this.first(name)?.hasAttribute("data-no-local-copy");
  }

  whenLeft(name) {
    return Boolean(this.first(name)?.hasAttribute("data-save-when-left"));
  }

  label(name) {
    const control = this.first(name);
    const legend = control.closest("fieldset")?.querySelector("legend");
    const several = control.type === "radio" || control.type === "checkbox";
    const words = several && legend ? legend : control.labels?.[0] || legend;
    return words ? words.textContent.trim() : name;
  }

  /** Where a message about the field belongs. */
  group(name) {
    const control = this.first(name);
    return control.closest(".usa-form-group, .criterion") || control.parentElement;
  }
}

/** Two lists of values that the server would store as the same. */
export function same(one, other) {
  const plain = (values) => JSON.stringify(values.map((value) => value.replace(/\r\n?/g, "\n").trim()).filter(Boolean).sort());
  return plain(one) === plain(other);
}
