"use strict";
// The pages work without this file: it copies ids, and looks again while something is under way.

const COPIED_SHOWN_MS = 1500;

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy it by hand";
    }
    setTimeout(() => { button.textContent = label; }, COPIED_SHOWN_MS);
  });
}

const again = document.querySelector("[data-look-again-seconds]");
if (again) {
  const wait = Number(again.dataset.lookAgainSeconds) * 1000;
  // Never under somebody's fingers: not while a form is being filled, not in a hidden tab.
  setInterval(() => {
    const busy = document.activeElement && document.activeElement.closest("form");
    const open = document.querySelector("details[open]");
    if (!document.hidden && !busy && !open) location.reload();
  }, wait);
}
