// A refused form says so first, also to those who listen to the page.
function focusErrors() {
  document.querySelector("[data-focus]")?.focus();
}

focusErrors();
document.addEventListener("htmx:after:swap", focusErrors);
