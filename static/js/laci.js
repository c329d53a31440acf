// One open drawer at a time; Esc closes it and gives the focus back.
document.addEventListener("click", function (event) {
  document.querySelectorAll("details.laci[open]").forEach(function (box) { if (!box.contains(event.target)) box.open = false; });
});
document.addEventListener("keydown", function (event) {
  const box = event.key === "Escape" && event.target.closest && event.target.closest("details.laci[open]");
  if (box) { box.open = false; box.querySelector("summary").focus(); }
});
