/* What every page has: the menu on phones, dismissable panels, focus on errors, unsaved edits. */

function wireMenu() {
  const button = document.querySelector("[data-menu-toggle]");
  const menu = document.getElementById("places");
  if (!button || !menu) return;
  const set = (open) => {
    button.setAttribute("aria-expanded", String(open));
    menu.classList.toggle("places--open", open);
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
    set(false);
    button.focus();
  });
}

function wirePanels() {
  document.addEventListener("click", (event) => {
    for (const panel of document.querySelectorAll("details[data-dismiss][open]")) {
      if (!panel.contains(event.target)) panel.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const panel of document.querySelectorAll("details[data-dismiss][open]")) {
      panel.open = false;
      panel.querySelector("summary").focus();
    }
  });
}

function focusErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.scrollIntoView({ block: "start" });
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    (field.closest(".usa-form-group") || field).scrollIntoView({ block: "start" });
  });
}

function warnOfUnsavedEdits() {
  const edited = new Set();
  const guarded = (form) => form.method === "post" && (form.hasAttribute("data-guard") || form.querySelector("textarea"));
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && guarded(form) && !form.hasAttribute("data-autosave")) edited.add(form);
  });
  document.addEventListener("submit", (event) => edited.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    for (const form of edited) if (!form.isConnected) edited.delete(form);
    if (edited.size) event.preventDefault();
  });
}

function showCurrentSection() {
  const current = document.querySelector(".section-page__nav [aria-current]");
  const list = current?.closest(".section-page__nav");
  if (!list || list.scrollHeight <= list.clientHeight) return;
  const below = current.getBoundingClientRect().bottom - list.getBoundingClientRect().top;
  list.scrollTop += Math.max(0, below - list.clientHeight / 2);
}

wireMenu();
showCurrentSection();
wirePanels();
focusErrors();
warnOfUnsavedEdits();
