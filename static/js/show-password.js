document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-show-password]");
  if (!toggle) return;
  const input = document.getElementById(toggle.dataset.showPassword);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  toggle.setAttribute("aria-pressed", String(shown));
});
