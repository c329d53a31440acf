// Follows the files: puts the newest page in place of the old one and keeps the scroll, the focus and what was typed.
// Without it the page has a link "Muat ulang".
const PAUSE = 1000;

function sheet() { return document.getElementById("lembar"); }
function all(root, selector) { return Array.prototype.slice.call(root.querySelectorAll(selector)); }
function later(wait) { return new Promise(function (done) { setTimeout(done, wait); }); }

function say(kind) {
  const state = sheet().querySelector("[data-state]");
  if (state.dataset.state === kind) return;
  state.dataset.state = kind;
  state.textContent = state.dataset[kind];
}

// A document whose scripts are dead; nothing is made from text here.
function newest() {
  return new Promise(function (done, failed) {
    const request = new XMLHttpRequest();
    request.open("GET", location.href.split("#")[0]);
    request.responseType = "document";
    request.onload = function () { if (request.response) done(request.response); else failed(); };
    request.onerror = failed;
    request.send();
  });
}

function isTouched(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return Array.prototype.some.call(field.options, function (option) { return option.selected !== option.defaultSelected; });
  return field.value !== field.defaultValue;
}
// What people did to the page, each by a name that the next page will have too.
function fields(root) {
  const found = {};
  all(root, "form").forEach(function (form) {
    all(form, "input:not([type=hidden]), select, textarea").forEach(function (field) {
      const isChoice = field.type === "radio" || field.type === "checkbox";
      found[[form.getAttribute("action"), field.name, isChoice ? field.value : ""].join(" ")] = field;
    });
  });
  return found;
}
function carry(before, after) {
  const old = fields(before);
  const made = fields(after);
  Object.keys(old).forEach(function (name) {
    if (!made[name] || !isTouched(old[name])) return;
    made[name].value = old[name].value;
    made[name].checked = old[name].checked;
  });
  const boxes = all(after, "main details");
  all(before, "main details").forEach(function (box, place) { if (box.open && boxes[place]) boxes[place].open = true; });
}
function focused(root) {
  const place = all(root, "a, button, input, select, textarea, summary, [tabindex]").indexOf(document.activeElement);
  return { id: document.activeElement.id, place: root.contains(document.activeElement) ? place : -1 };
}
function focus(root, was) {
  const found = (was.id && document.getElementById(was.id)) || all(root, "a, button, input, select, textarea, summary, [tabindex]")[was.place];
  if (found) found.focus({ preventScroll: true });
}

function show(page) {
  const before = sheet();
  const after = document.adoptNode(page.getElementById("lembar"));
  const was = focused(before);
  const top = window.scrollY;
  carry(before, after);
  before.replaceWith(after);
  say("live");
  document.title = page.title;
  window.scrollTo(0, top);
  focus(after, was);
}

function visible() {
  return new Promise(function (done) {
    if (document.visibilityState === "visible") { done(); return; }
    document.addEventListener("visibilitychange", function seen() {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", seen);
      done();
    });
  });
}

function follow() {
  const known = sheet().dataset.version;
  visible().then(function () {
    return fetch(sheet().dataset.follow + "&sejak=" + encodeURIComponent(known), { cache: "no-store" });
  }).then(function (answer) {
    return answer.json();
  }).then(function (news) {
    return news.versi === known ? null : newest().then(show);
  }).then(function () { say("live"); }, function () { say("lost"); return later(PAUSE); }).then(follow);
}

if (sheet() && sheet().dataset.follow) {
  say("live");
  follow();
}
