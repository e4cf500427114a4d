// Nothing of a person stays on the screen once they are signed out: not in another tab, and not on a page that lies open
// when its session ends elsewhere, unless somebody is writing on it.
const tabs = new BroadcastChannel("signed-out");

function isWritten(field) {
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

function leave() {
  document.body.replaceChildren();
  // Asked for anew, also where an address ends in a place of the page: the server decides what is shown.
  location.replace(location.pathname + location.search);
}

tabs.addEventListener("message", leave);
document.addEventListener("signed-out", () => {
  if (![...document.querySelectorAll("main :is(input, textarea)")].some(isWritten)) leave();
});
document.addEventListener("submit", ({ target }) => {
  // Told once the answer is there, or none can be had: until then the session lives.
  if (target.getAttribute("action") === "/sign-out") addEventListener("pagehide", () => tabs.postMessage(""));
});
