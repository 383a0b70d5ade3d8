// The theme is the reader's choice; without one it follows the system.
const root = document.documentElement;
const chosen = localStorage.getItem("theme");
if (chosen) root.dataset.theme = chosen;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});

// A lease is counted down by the server's clock: the page says what time it was there.
const offset = Date.parse(document.body.dataset.now || new Date().toISOString()) - Date.now();
function countDown() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const left = Math.round((Date.parse(place.dataset.until) - Date.now() - offset) / 60000);
    const hours = Math.floor(left / 60);
    place.textContent =
      left <= 0 ? "over" : hours >= 48 ? `${Math.floor(hours / 24)} days` : hours ? `${hours} h ${left % 60} min` : `${left} min`;
  }
}
countDown();
setInterval(countDown, 15000);
document.addEventListener("htmx:after:swap", countDown);

// What somebody writes is kept a moment after they pause.
for (const text of document.querySelectorAll("textarea[data-draft]")) {
  let timer;
  const status = document.getElementById(text.dataset.draftStatus);
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const body = new URLSearchParams({ text: text.value });
      const token = document.querySelector('meta[name="csrf-token"]').content;
      const answer = await fetch(text.dataset.draft, { method: "POST", body, headers: { "X-CSRFToken": token } });
      if (status) status.textContent = answer.ok ? "Draft saved" : "Draft not saved";
    }, 800);
  });
}

// A chosen canned answer is put where one writes; it is changed before it is sent.
document.addEventListener("change", (event) => {
  const target = event.target.dataset && event.target.dataset.fills;
  const text = target && document.getElementById(target);
  if (text && event.target.value) {
    text.value = text.value ? text.value + "\n\n" + event.target.value : event.target.value;
    event.target.value = "";
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// A passkey: the device is asked, and its answer is sent with the form.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.passkey || (event.submitter && event.submitter.hasAttribute("data-without-passkey"))) return;
  event.preventDefault();
  const status = form.querySelector("[role=status]");
  try {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": token } });
    const options = await answer.json();
    const made =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.credential.value = JSON.stringify(made.toJSON());
    form.submit();
  } catch (error) {
    status.textContent =
      error.name === "SecurityError"
        ? "Passkeys belong to the site's own name. Open this page by that name, not by a number."
        : "Your device gave no passkey. Try again, or use your password.";
  }
});
