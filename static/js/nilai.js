// Adds up the points of a rubric while they are chosen. The server decides; without this script a button does the same.
const comma = function (number) { return String(Math.round(number) / 100).replace(".", ","); };

document.querySelectorAll(".rubrik").forEach(function (sheet) {
  const total = sheet.querySelector("[data-total]");
  const points = Number(sheet.dataset.points);
  function add() {
    let earned = 0;
    let weights = 0;
    const missing = Array.prototype.some.call(sheet.querySelectorAll("[data-weight]"), function (one) {
      const field = one.querySelector("input:checked") || one.querySelector("input:not([type=radio])");
      const typed = field ? field.value.trim().replace(",", ".") : "";
      const given = Number(typed) * (field && field.type === "radio" ? 1 : 100);
      if (!typed || !(given >= 0 && given <= Number(one.dataset.most))) return true;
      weights += Number(one.dataset.weight);
      earned += Number(one.dataset.weight) * given / (Number(one.dataset.most) || 1);
      return false;
    });
    total.textContent = missing || !weights ? "–" : comma(earned * points / weights) + " dari " + comma(points) + " poin";
  }
  sheet.addEventListener("input", add);
});
document.querySelectorAll("[data-count]").forEach(function (button) { button.hidden = true; });
