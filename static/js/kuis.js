// Saves the answer on screen by itself and tells truthfully whether it is saved. The form works without this script.
// A draft stays on the device until the server has said that it holds that very answer; on a shared computer it dies with the tab.
const form = document.querySelector("form[data-quiz]");
const owner = document.body.dataset.owner || "";
const drafts = document.body.dataset.shared ? "sessionStorage" : "localStorage";
const RETRY_FIRST = 2000;
const RETRY_MOST = 30000;
const PATIENCE = 20000;

function keep(key, value) {
  try { window[drafts].setItem(key, value); } catch (problem) { /* storage is off: the state below stays "unsent" */ }
}
function recall(key) {
  try { return window[drafts].getItem(key); } catch (problem) { return null; }
}
function forget(key) {
  try { window[drafts].removeItem(key); } catch (problem) { /* nothing kept */ }
}

function start() {
  const state = form.querySelector(".simpan");
  const sequence = form.elements.sequence;
  const address = form.getAttribute("action");
  const told = form.querySelector("[data-told]");
  const words = form.querySelector("[data-words]");
  const draftKey = "pelita:" + owner + ":jawab:" + address;
  let timer = 0;
  let wait = RETRY_FIRST;
  let sending = false;
  let dirty = false;
  let pressed = "next"; // the button last clicked; Enter clicks the first one
  let going = null; // where the person wants to go once the answer is safe

  function show(kind, time) {
    state.dataset.state = kind;
    state.textContent = (state.dataset[kind] || "").replace("{waktu}", time || "");
  }
  function body() {
    return new URLSearchParams(new FormData(form));
  }
  function answers() {
    const fields = body();
    ["csrf_token", "sequence", "told"].forEach(function (name) { fields.delete(name); });
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

  function send() {
    if (sending || (!dirty && going === null)) return;
    clearTimeout(timer);
    sending = true;
    dirty = false;
    sequence.value = String(Number(sequence.value) + 1);
    const sent = answers();
    const leave = going;
    const fields = body();
    if (leave !== null) fields.append("go", leave);
    const aborter = new AbortController();
    const patience = setTimeout(function () { aborter.abort(); }, PATIENCE);
    fetch(address, {
      method: "POST", body: fields, credentials: "same-origin", redirect: "manual", signal: aborter.signal,
      headers: { "Accept": "application/json" },
    }).then(function (response) {
      return response.json().catch(function () { return {}; }).then(function (reply) { heard(response.status, reply, sent, leave); });
    }).catch(failed).then(function () { clearTimeout(patience); });
  }
  function heard(status, reply, sent, leave) {
    sending = false;
    if (status >= 500 || status === 429) failed();
    else if (status !== 200) refused(reply);
    else {
      wait = RETRY_FIRST;
      sequence.value = String(Math.max(Number(sequence.value), Number(reply.sequence)));
      if (answers() !== sent || reply.newest === false) { dirty = true; send(); return; }
      if (going !== leave) { send(); return; } // the button was pressed while this save was on its way
      forget(draftKey);
      if (reply.saved_at) show("saved", reply.saved_at);
      if (leave !== null) location.assign(reply.next);
    }
  }
  // The line or the server is gone: stay here, where the answer is, and try again.
  function failed() {
    sending = false;
    dirty = true;
    going = null;
    show("unsent");
    clearTimeout(timer);
    timer = setTimeout(send, wait);
    wait = Math.min(wait * 2, RETRY_MOST);
  }
  // The server answers but does not take it: it says why, or the session is over and a reload asks to sign in again.
  function refused(reply) {
    const leave = going;
    going = null;
    if (leave !== null && !reply.message) location.reload();
    else if (leave !== null) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "go";
      field.value = leave;
      form.append(field);
      form.submit();
    } else if (reply.message) {
      state.dataset.state = "unsent";
      state.textContent = reply.message;
    } else show("ended");
  }

  function changed() {
    told.hidden = true; // it was said of another answer
    if (words) words.textContent = (form.elements.t.value.match(/\S+/g) || []).length;
    dirty = true;
    keep(draftKey, answers());
    show("unsent");
    clearTimeout(timer);
    timer = setTimeout(send, 700);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("click", function (event) {
    const button = event.target.closest("button[name=go]");
    if (button) pressed = button.value;
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (going !== null) return; // the second half of a double click
    going = pressed;
    pressed = "next";
    send();
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) going = null; });
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
