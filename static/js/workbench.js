/* The workbench's rules: typed numbers count after a moment; rows that are not whole yet wait; what is
   wrong is said by its field. */

const PAUSE = 350;
const form = document.querySelector("form[data-rules]");

function whole(row) {
  const [reference, , reason] = [...row.querySelectorAll("input, select")].map((one) => one.value.trim());
  return Boolean(reference) === Boolean(reason);
}

function quiet(event) {
  const part = event.target.closest("[data-quiet]");
  if (!part) return;
  const row = event.target.closest("[data-pin]");
  if (!row || ![...part.querySelectorAll("[data-pin]")].every(whole)) event.stopPropagation();
}

function typed() {
  let timer = 0;
  form.addEventListener("input", (event) => {
    if (!event.target.matches("input") || event.target.closest("[data-quiet]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => form.dispatchEvent(new CustomEvent("rules-typed")), PAUSE);
  });
  form.addEventListener("change", () => clearTimeout(timer));
}

function forget() {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    document.getElementById(`${field.id}_error`)?.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.classList.remove("usa-input--error");
    field.closest(".usa-form-group")?.classList.remove("usa-form-group--error");
  }
}

function place(fault) {
  const field = document.getElementById(fault.dataset.fault);
  if (!field || !form.contains(field)) return;
  const id = `${field.id}_error`;
  const said = document.getElementById(id);
  if (said) {
    said.append(...fault.children);
    return;
  }
  fault.id = id;
  const group = field.closest(".usa-form-group");
  (group ?? field.closest("[data-pin]")).append(fault);
  group?.classList.add("usa-form-group--error");
  field.classList.add("usa-input--error");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.closest("details")?.setAttribute("open", "");
}

/* Puts what the answer found wrong by the fields; only the first that is new is announced. */
function sayFaults(faults, before) {
  if (faults.innerHTML === before.html) return;
  forget();
  const found = [...faults.children].map((one) => one.cloneNode(true));
  const fresh = found.find((one) => !before.html.includes(one.innerHTML));
  fresh?.setAttribute("role", "alert");
  found.forEach(place);
  fresh?.scrollIntoView({ block: "nearest" });
  before.html = faults.innerHTML;
}

if (form) {
  for (const part of form.querySelectorAll("[data-quiet]")) part.addEventListener("change", quiet);
  typed();
  const faults = document.getElementById("wb-faults");
  const before = { html: faults.innerHTML };
  document.addEventListener("htmx:after:swap", () => sayFaults(faults, before));
}
