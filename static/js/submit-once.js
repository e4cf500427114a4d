// A second tap while the first is on its way sends nothing.
const GUARDED = "form[data-submit-once]";

function releaseForm(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[type=submit][aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest(GUARDED);
  if (!form) return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "";
  form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
}, true);

// Back through history, or after a fragment answer, the form may be sent again.
window.addEventListener("pageshow", () => document.querySelectorAll(GUARDED).forEach(releaseForm));
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.(GUARDED);
  if (form) releaseForm(form);
});
