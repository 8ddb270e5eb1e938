// Comfort on top of plain pages: nothing here is needed for any page to work.
"use strict";

// Menus made of <details> close on Escape (focus returns to the button) and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A link to an entry inside a closed <details> (a year of the life course) opens it first.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target && target.closest("details:not([open])");
  if (!closed) return;
  closed.open = true;
  target.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", reveal);
addEventListener("DOMContentLoaded", reveal);

// When an answer does not come, say so in words instead of doing nothing.
const lost = (shown) => {
  const notice = document.getElementById("connection-lost");
  if (notice) notice.hidden = !shown;
};
document.addEventListener("htmx:sendError", () => lost(true));
document.addEventListener("htmx:timeout", () => lost(true));
document.addEventListener("htmx:responseError", () => lost(true));
document.addEventListener("htmx:afterOnLoad", () => lost(false));

// The names of chosen files, in our words: the browser's own button is hidden behind ours.
document.addEventListener("change", (event) => {
  const said = event.target.type === "file" && document.getElementById(`${event.target.id}-chosen`);
  if (said) said.textContent = [...event.target.files].map((file) => file.name).join(", ") || said.dataset.none;
});

// htmx notes the address it is at in the tab's storage; nothing of anybody stays in a browser, so it is taken out again.
const forget = () => sessionStorage.clear();
for (const moment of ["pushedIntoHistory", "replacedInHistory", "historyRestore"]) {
  document.addEventListener(`htmx:${moment}`, forget);
}
forget();

// Before the sign-in ends by itself the page says so. Asking how long it lasts prolongs nothing; "stay" does.
const leaving = document.getElementById("session-warning");
if (leaving) {
  const EARLY = 180, AGAIN = 20; // seconds
  const [near, over] = ["near", "over"].map((when) => leaving.querySelector(`[data-when=${when}]`));
  let timer;
  const next = (left) => {
    near.hidden = left > EARLY || left <= 0;
    over.hidden = left > 0;
    clearTimeout(timer);
    if (left > 0) timer = setTimeout(ask, 1000 * (left > EARLY ? left - EARLY : Math.min(AGAIN, left) + 1));
  };
  const hear = async (answer) => {
    if (answer.ok) next(Number(await answer.text()));
    else next(0);
  };
  // Without an answer nothing is said: the way to us may be broken, and the next try tells.
  const later = () => { timer = setTimeout(ask, 1000 * AGAIN); };
  const ask = () => fetch("/sessions/remaining", { headers: { "X-Polling": "yes" } }).then(hear).catch(later);
  near.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = near.elements.csrf.value;
    fetch(near.action, { method: "POST", headers: { "X-CSRF-Token": token } }).then(hear).catch(later);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  next(Number(leaving.dataset.left));
}
