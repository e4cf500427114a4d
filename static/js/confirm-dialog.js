// The question opens on the spot instead of on its own page.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  const dialog = link && document.getElementById(link.dataset.dialog);
  if (!dialog?.showModal || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  dialog.showModal();
});
