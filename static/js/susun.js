// Dragging files and modules of a course to another place: the same form that the buttons "ke atas" and "ke bawah" send.
const form = document.querySelector("form[data-move]");

function start() {
  let dragged = null;
  function rows() { return document.querySelectorAll("[data-path]"); }
  function clear() { document.querySelectorAll(".turun-di-sini").forEach(function (row) { row.classList.remove("turun-di-sini"); }); }
  // A module goes among modules; a file goes before another file or to the end of a list.
  function place(target) {
    if (dragged.hasAttribute("data-module")) return target.closest("[data-module]");
    return target.closest("li[data-path]") || target.closest(".tambah") || target.closest("[data-folder]");
  }
  function send(fields) {
    Object.keys(fields).forEach(function (name) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = fields[name];
      form.append(input);
    });
    form.submit();
  }
  rows().forEach(function (row) {
    row.draggable = true;
    const grip = row.querySelector("[data-grip]");
    if (grip) grip.hidden = false;
    row.addEventListener("dragstart", function (event) {
      event.stopPropagation();
      dragged = row;
      row.classList.add("seret");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.path);
    });
    row.addEventListener("dragend", function () { row.classList.remove("seret"); dragged = null; clear(); });
  });
  document.addEventListener("dragover", function (event) {
    if (!dragged) return;
    const over = place(event.target);
    clear();
    if (!over || over === dragged) return;
    event.preventDefault();
    over.classList.add("turun-di-sini");
  });
  document.addEventListener("drop", function (event) {
    if (!dragged) return;
    const over = place(event.target);
    if (!over || over === dragged) return;
    event.preventDefault();
    if (dragged.hasAttribute("data-module")) { send({ path: dragged.dataset.path, folder: "", before: over.dataset.path }); return; }
    const list = over.closest("section").querySelector("[data-folder]");
    send({ path: dragged.dataset.path, folder: list.dataset.folder, before: over.matches("li") ? over.dataset.path : "" });
  });
}

if (form && !window.matchMedia("(pointer: coarse)").matches) start();
