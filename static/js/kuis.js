// Saves the answer on screen by itself and tells truthfully whether it is saved. The form works without this script.
const form = document.querySelector("form[data-quiz]");
const owner = document.body.dataset.owner || "";
const RETRY_FIRST = 2000;
const RETRY_MOST = 30000;

function keep(key, value) {
  try { localStorage.setItem(key, value); return true; } catch (problem) { return false; }
}
function recall(key) {
  try { return localStorage.getItem(key); } catch (problem) { return null; }
}
function forget(key) {
  try { localStorage.removeItem(key); } catch (problem) { /* nothing kept */ }
}

function start() {
  const state = form.querySelector(".simpan");
  const sequence = form.elements.sequence;
  const address = form.getAttribute("action");
  const draftKey = "pelita:" + owner + ":jawab:" + address;
  let timer = 0;
  let wait = RETRY_FIRST;
  let busy = false;
  let dirty = false;
  let closed = false;

  function show(kind, time) {
    state.dataset.state = kind;
    state.textContent = (state.dataset[kind] || "").replace("{waktu}", time || "");
  }
  function body() {
    return new URLSearchParams(new FormData(form));
  }
  function answers() {
    const fields = body();
    ["csrf_token", "sequence", "edition", "question"].forEach(function (name) { fields.delete(name); });
    return fields.toString();
  }
  function restore(text) {
    const fields = new URLSearchParams(text);
    Array.prototype.forEach.call(form.elements, function (input) {
      if (!input.name || input.type === "hidden" || input.tagName === "BUTTON") return;
      const values = fields.getAll(input.name);
      if (input.type === "radio" || input.type === "checkbox") input.checked = values.indexOf(input.value) >= 0;
      else if (values.length) input.value = values[0];
    });
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
    wait = Math.min(wait * 2, RETRY_MOST);
  }
  function send() {
    if (busy || closed || !dirty) return;
    busy = true;
    dirty = false;
    sequence.value = String(Number(sequence.value) + 1);
    const sent = answers();
    fetch(address, {
      method: "POST", body: body(), credentials: "same-origin", redirect: "error",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json" },
    }).then(function (response) {
      return response.json().then(function (reply) { return [response.status, reply]; });
    }).then(function (pair) {
      busy = false;
      const reply = pair[1];
      if (pair[0] === 200) {
        wait = RETRY_FIRST;
        if (Number(reply.sequence) > Number(sequence.value)) sequence.value = String(reply.sequence);
        if (answers() === sent) { forget(draftKey); show("saved", reply.saved_at); } else { dirty = true; send(); }
      } else if (pair[0] === 409) {
        closed = true;
        forget(draftKey);
        state.dataset.state = "closed";
        state.textContent = reply.message;
      } else if (pair[0] >= 500 || pair[0] === 429) {
        dirty = true;
        later();
      } else {
        state.textContent = reply.message || state.dataset.unsent;
      }
    }).catch(function () {
      busy = false;
      dirty = true;
      show("unsent");
      later();
    });
  }
  function changed() {
    dirty = true;
    keep(draftKey, answers());
    show("unsent");
    clearTimeout(timer);
    timer = setTimeout(send, 700);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", function (event) {
    if (navigator.onLine) {
      sequence.value = String(Number(sequence.value) + 1);
      closed = true;
      clearTimeout(timer);
      return;
    }
    event.preventDefault();
    keep(draftKey, answers());
    show("unsent");
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { closed = false; busy = false; }
  });
  window.addEventListener("online", function () { wait = RETRY_FIRST; send(); });

  const draft = recall(draftKey);
  if (draft !== null) {
    if (draft === answers()) forget(draftKey);
    else { restore(draft); dirty = true; show("unsent"); send(); }
  }
}

// A clock that only shows; the server decides.
function clock(box) {
  const end = Date.parse(box.dataset.deadline);
  const words = box.textContent;
  function tick() {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    const minutes = Math.floor(left / 60);
    const text = (minutes ? minutes + " menit " : "") + (left % 60) + " detik";
    box.textContent = words.replace(/\d.*detik/, text);
    if (left > 0) setTimeout(tick, left > 60 ? 5000 : 1000);
  }
  tick();
}

if (form) start();
document.querySelectorAll("[data-deadline]").forEach(function (box) { if (box.dataset.deadline) clock(box); });
