// On every page: say when the line is gone, copy buttons, and leave nothing behind at sign-out.
// Plain syntax of 2019: office computers stop at Chrome 109 and phones at 79.
const banner = document.getElementById("luring");

function showLine() {
  if (banner) banner.hidden = navigator.onLine;
}
window.addEventListener("online", showLine);
window.addEventListener("offline", showLine);
showLine();

// Drafts belong to one person; another person's are removed the moment anybody else opens a page, and all at sign-out.
const owner = document.body.dataset.owner || "";
function purge(keepOwner) {
  [localStorage, sessionStorage].forEach(function (kept) {
    for (let index = kept.length - 1; index >= 0; index -= 1) {
      const key = kept.key(index);
      if (key && key.startsWith("pelita:") && !(keepOwner && key.startsWith("pelita:" + keepOwner + ":"))) kept.removeItem(key);
    }
  });
}
try {
  if (owner) purge(owner);
  document.querySelectorAll("form[data-purge]").forEach(function (form) {
    form.addEventListener("submit", function () { purge(""); });
  });
} catch (problem) { /* storage is off: nothing was kept, nothing to remove */ }

// A card whose lines can be copied one by one.
document.querySelectorAll("[data-copy]").forEach(function (card) {
  if (!navigator.clipboard) return;
  card.querySelectorAll("dd").forEach(function (line) {
    const text = line.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tombol sunyi";
    button.textContent = card.dataset.copy;
    button.setAttribute("aria-label", card.dataset.copy + ": " + (line.previousElementSibling || line).textContent.trim());
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(text).then(function () {
        button.textContent = card.dataset.copied;
        setTimeout(function () { button.textContent = card.dataset.copy; }, 2000);
      });
    });
    line.append(" ", button);
  });
});
