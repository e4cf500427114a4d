// A scan that does not reach the portal is not lost: the same form is sent again, with the same number,
// so that the gift is counted once.
const notice = document.querySelector("[data-send-again]");
let unsent;

document.addEventListener("htmx:error", (event) => {
  unsent = event.target.closest?.("form");
  if (notice && unsent) notice.hidden = false;
});
document.addEventListener("htmx:after:swap", () => { if (notice) notice.hidden = true; });
notice?.querySelector("[data-resend]").addEventListener("click", () => unsent?.requestSubmit());
