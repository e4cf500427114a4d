// The phone's own share sheet, and a count of which way was used.
function countShare(group, method) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  fetch(group.dataset.shareCount, { method: "POST", keepalive: true, headers, body: new URLSearchParams({ method }) });
}

async function openShareSheet({ shareTitle, shareText, shareUrl }) {
  try {
    await navigator.share({ title: shareTitle, text: shareText, url: shareUrl });
    return true;
  } catch {
    return false; // the person closed the sheet
  }
}

document.addEventListener("click", async (event) => {
  const way = event.target.closest("[data-share-method]");
  if (!way) return;
  const group = way.closest("[data-share-count]");
  const sent = way.dataset.shareUrl ? await openShareSheet(way.dataset) : true;
  if (sent && group) countShare(group, way.dataset.shareMethod);
});
