// Friends from the phone's address book, one "name, number" a line, into the named text box.
async function pickContacts(box) {
  const people = await navigator.contacts.select(["name", "tel"], { multiple: true });
  const lines = people.filter((person) => person.tel?.length).map((person) => `${person.name?.[0] ?? ""}, ${person.tel[0]}`);
  box.value = [box.value.trim(), ...lines].filter(Boolean).join("\n");
  box.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-contacts-into]");
  if (button) pickContacts(document.getElementById(button.dataset.contactsInto));
});
