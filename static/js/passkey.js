// Lets the browser make or use a passkey, and sends what it says with the form that stands there.
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const known = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

function understood(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: bytes(options.user.id) };
  publicKey.excludeCredentials = known(options.excludeCredentials);
  publicKey.allowCredentials = known(options.allowCredentials);
  return { publicKey };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const trouble = form.querySelector("[data-passkey-trouble]");
  form.querySelector("[data-passkey-start]").addEventListener("click", async () => {
    trouble.hidden = true;
    try {
      const options = understood(JSON.parse(form.dataset.passkey));
      const answer = await navigator.credentials[form.dataset.passkeyKind](options);
      form.elements.credential.value = JSON.stringify(answer.toJSON());
      form.requestSubmit();
    } catch {
      trouble.hidden = false;
    }
  });
}
