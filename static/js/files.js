/* form[data-upload]: a file over the limit is refused before it is sent, and sending shows a state.
   Without this module the form works the same; the server checks everything again. */

function wire(form) {
  const input = form.querySelector("input[type='file']");
  const button = form.querySelector("button[type='submit']");
  const state = form.querySelector("[data-upload-state]");
  if (!input || !button || !state) return;
  const limit = Number(input.dataset.maxBytes);
  const isTooLarge = () => [...input.files].some((file) => file.size > limit);

  const say = (text, name) => {
    state.textContent = text;
    state.dataset.state = name;
  };

  input.addEventListener("change", () => {
    const wrong = isTooLarge();
    input.setAttribute("aria-invalid", String(wrong));
    input.classList.toggle("usa-input--error", wrong);
    say(wrong ? form.dataset.tooLarge : "", wrong ? "failed" : "");
  });

  form.addEventListener("submit", (event) => {
    if (isTooLarge()) {
      event.preventDefault();
      input.focus();
      return;
    }
    if (!input.files.length) return;
    button.disabled = true;
    say(form.dataset.uploading, "saving");
  });

  window.addEventListener("pageshow", () => {
    button.disabled = false;
    if (state.dataset.state === "saving") say("", "");
  });
}

for (const form of document.querySelectorAll("form[data-upload]")) wire(form);
