// Shows the chosen picture, or the chosen file's name, before it is sent.
document.addEventListener("change", (event) => {
  const upload = event.target.closest("[data-upload]");
  const file = upload && event.target.files[0];
  if (!file) return;
  upload.querySelector("[data-file-name]").textContent = file.name;
  const preview = upload.querySelector("[data-preview]");
  if (!preview || !file.type.startsWith("image/")) return;
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(file);
  preview.hidden = false;
});
