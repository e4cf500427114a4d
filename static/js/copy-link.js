async function copyText(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.querySelector("span");
  const usual = words.textContent;
  words.textContent = button.dataset.copied;
  setTimeout(() => { words.textContent = usual; }, 2500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copyText(button);
  if (event.target.matches("[data-select]")) event.target.select();
});
