// The editor of a course file: numbers and marks beside the text, preview and findings while typing, pieces to insert, pictures,
// and typing that survives a lost line, a closed tab and an ended session. Every form works without this script.
// Plain syntax of 2019: office computers stop at Chrome 109 and phones at 79.
const form = document.querySelector("form[data-naskah]");
const owner = document.body.dataset.owner || "";
const shared = Boolean(document.body.dataset.shared);
const RETRY_FIRST = 2000;
const RETRY_MOST = 30000;
const PATIENCE = 20000;
const TYPING = 400;
const TAB = 4;

function make(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
}
function words(node, text) { // `marked` pieces as code, everything as text
  node.textContent = "";
  text.split("`").forEach(function (part, index, all) {
    node.append(index % 2 && index < all.length - 1 ? make("code", "", part) : (index % 2 ? "`" : "") + part);
  });
}
function both(number) { return String(number).padStart(2, "0"); }

// Lines under the text: numbers, marks and underlined places. Only the lines that changed are made anew.
function Sheet(field, ground) {
  let shown = [];
  function fill(row, text, finding) {
    row.textContent = "";
    if (!finding) { row.textContent = text || "\u200b"; return; }
    let from = 0;
    for (let column = 1; from < text.length && column < finding.column; from += 1) column += text[from] === "\t" ? TAB - ((column - 1) % TAB) : 1;
    const place = make("u", "", text.slice(from, from + Math.max(finding.width, 1)) || "\u200b");
    row.append(text.slice(0, from), place, text.slice(from + place.textContent.length));
  }
  this.paint = function () {
    const lines = field.value.split("\n");
    let head = 0;
    while (head < lines.length && head < shown.length && lines[head] === shown[head]) head += 1;
    let tail = 0;
    while (tail < Math.min(lines.length, shown.length) - head && lines[lines.length - 1 - tail] === shown[shown.length - 1 - tail]) tail += 1;
    for (let count = shown.length - tail - head; count > 0; count -= 1) ground.children[head].remove();
    const fresh = document.createDocumentFragment();
    lines.slice(head, lines.length - tail).forEach(function (text) {
      const row = make("div");
      fill(row, text);
      fresh.append(row);
    });
    ground.insertBefore(fresh, ground.children[head] || null);
    shown = lines;
  };
  this.mark = function (findings) {
    Array.prototype.forEach.call(ground.querySelectorAll("[data-level]"), function (row) {
      delete row.dataset.level;
      fill(row, row.textContent === "\u200b" ? "" : row.textContent);
    });
    findings.slice().reverse().forEach(function (finding) {
      const row = ground.children[finding.line - 1];
      if (!row) return;
      row.dataset.level = finding.level;
      fill(row, shown[finding.line - 1], finding);
    });
  };
  this.jump = function (line) {
    const row = ground.children[line - 1];
    if (!row) return;
    const before = shown.slice(0, line - 1).reduce(function (sum, text) { return sum + text.length + 1; }, 0);
    field.focus({ preventScroll: true });
    field.setSelectionRange(before, before + shown[line - 1].length);
    row.scrollIntoView({ block: "center" });
  };
}

// Typing not yet saved, kept on the device for each file, version and tab; on a shared computer it dies with the tab.
function Drafts(address, version) {
  const store = shared ? "sessionStorage" : "localStorage";
  const place = "pelita:" + owner + ":naskah:" + address + ":";
  const tab = String(Date.now()) + Math.random().toString(36).slice(2, 8);
  function open(work) {
    try { return work(window[store]); } catch (problem) { return undefined; }
  }
  this.version = version;
  this.key = function () { return place + this.version + ":" + tab; };
  this.keep = function (text) {
    const value = JSON.stringify({ version: this.version, text: text, at: Date.now() });
    const key = this.key();
    return open(function (kept) { kept.setItem(key, value); return true; }) === true;
  };
  this.forget = function (key) {
    const gone = key || this.key();
    open(function (kept) { kept.removeItem(gone); });
  };
  this.others = function (text) {
    const own = this.key();
    return open(function (kept) {
      const found = [];
      for (let index = kept.length - 1; index >= 0; index -= 1) {
        const key = kept.key(index);
        if (!key.startsWith(place) || key === own) continue;
        const draft = JSON.parse(kept.getItem(key));
        if (draft.text === text) kept.removeItem(key);
        else found.push({ key: key, version: draft.version, text: draft.text, at: draft.at });
      }
      return found.sort(function (one, other) { return other.at - one.at; });
    }) || [];
  };
}

function start() {
  const desk = document.querySelector("[data-meja]");
  const field = form.elements.text;
  const state = form.querySelector(".simpan");
  const again = form.querySelector(".masuk-lagi");
  const holder = document.querySelector("[data-bingkai]");
  const list = document.querySelector("[data-findings]");
  const summary = document.querySelector("[data-summary]");
  const blank = document.querySelector("template[data-blank]").content;
  const sheet = new Sheet(field, form.querySelector("[data-alas]"));
  const drafts = new Drafts(form.getAttribute("action"), form.elements.version.value);
  let saved = field.value;
  let sending = false;
  let retry = 0;
  let wait = RETRY_FIRST;
  let repairing = false;

  function show(kind, time, words) {
    state.dataset.state = kind;
    state.textContent = words || (state.dataset[kind] || "").replace("{waktu}", time || "");
    again.hidden = kind !== "ended";
  }
  function token() { return form.elements.csrf_token.value; }
  function post(url, fields, options) {
    const aborter = (options && options.aborter) || new AbortController();
    const patience = options && options.patient ? 0 : setTimeout(function () { aborter.abort(); }, PATIENCE);
    return fetch(url, { method: "POST", body: fields, redirect: "manual", signal: aborter.signal, headers: { "Accept": "application/json" } })
      .then(function (response) {
        clearTimeout(patience);
        return response.json().catch(function () { return {}; }).then(function (reply) {
          return { status: response.type === "opaqueredirect" ? 303 : response.status, reply: reply };
        });
      }, function (problem) { clearTimeout(patience); throw problem; });
  }

  // Saving
  function save() {
    if (sending) return;
    clearTimeout(retry);
    sending = true;
    show("saving");
    const sent = field.value;
    post(form.action, new FormData(form)).then(function (answer) {
      sending = false;
      if (answer.status === 409) form.submit(); // the page that shows both texts
      else if (answer.status >= 500 && (answer.reply.retry || !answer.reply.message)) lost();
      else if (answer.status === 200) taken(answer.reply, sent);
      else if (answer.reply.message) show("refused", "", answer.reply.message);
      else show("ended");
    }).catch(function () { sending = false; lost(); });
  }
  function taken(reply, sent) {
    wait = RETRY_FIRST;
    saved = sent;
    drafts.forget();
    drafts.version = reply.version;
    form.elements.version.value = reply.version;
    if (field.value !== sent) typed();
    else {
      show("saved", reply.saved_at);
      if (repairing) repair.submit();
    }
    repairing = false;
  }
  function lost() {
    show("offline");
    retry = setTimeout(save, wait);
    wait = Math.min(wait * 2, RETRY_MOST);
  }
  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.formAction !== form.action) return;
    event.preventDefault();
    save();
  });
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
  });
  window.addEventListener("online", function () { if (state.dataset.state === "offline") { clearTimeout(retry); save(); } });
  window.addEventListener("beforeunload", function (event) {
    if (field.value !== saved && (shared || state.dataset.state === "full")) { event.preventDefault(); event.returnValue = ""; }
  });

  // Repairs are made in the saved file, so what is on the screen is saved first.
  const repair = document.querySelector("form[data-repair]");
  repair.addEventListener("submit", function (event) {
    if (field.value === saved) return;
    event.preventDefault();
    repairing = true;
    save();
  });

  // Typing
  let timer = 0;
  function typed() {
    sheet.paint();
    clearTimeout(timer);
    timer = setTimeout(look, TYPING);
    if (field.value === saved) {
      drafts.forget();
      if (!sending) show("");
    } else if (!drafts.keep(field.value)) show("full");
    else if (!sending && state.dataset.state !== "offline") show("unsaved");
  }
  field.addEventListener("input", typed);
  function put(text, from, to) { // what the person sees being typed, so that undo takes it back
    field.focus();
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      typed();
    }
    if (from !== undefined) field.setSelectionRange(from, to);
  }
  function insert(text, pick, inline) {
    const at = field.selectionStart;
    const before = field.value.slice(0, at);
    const gap = inline || !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const rest = field.value.slice(field.selectionEnd);
    const end = inline || !rest || rest.startsWith("\n\n") ? "" : rest.startsWith("\n") ? "\n" : "\n\n";
    const found = pick ? text.indexOf(pick) : -1;
    put(gap + text.replace(/\n+$/, inline ? "" : "\n") + end.replace("\n", ""), found < 0 ? undefined : at + gap.length + found, found < 0 ? undefined : at + gap.length + found + pick.length);
  }

  // Findings and preview of what is on the screen
  let checking = null;
  let frames = 0;
  function level(finding, copy) {
    const part = function (name) { return copy.querySelector(name); };
    const item = copy.firstElementChild;
    item.dataset.level = finding.level;
    item.dataset.line = finding.line;
    part("use").setAttribute("href", "#i-" + finding.icon);
    part(".tanda b").textContent = finding.level_label;
    part(".letak a").textContent = finding.place;
    part(".letak a").href = finding.url;
    part(".kutip").hidden = !finding.quote;
    part(".kutip code").textContent = finding.quote;
    words(part(".pesan"), finding.message);
    part(".saran").hidden = !finding.help;
    words(part(".saran"), finding.help);
    part(".kode").textContent = finding.code;
    words(part(".terang"), finding.explanation);
    part(".keliru").textContent = finding.bad;
    part(".benar").textContent = finding.good;
    return copy;
  }
  function tell(reply) {
    const opened = Array.prototype.map.call(list.querySelectorAll("details[open] .kode"), function (code) { return code.textContent; });
    list.textContent = "";
    reply.findings.forEach(function (finding) {
      const copy = level(finding, document.importNode(blank, true));
      copy.querySelector("details").open = opened.indexOf(finding.code) >= 0;
      list.append(copy);
    });
    if (summary.textContent !== reply.label) summary.textContent = reply.label;
    document.querySelectorAll("[data-count]").forEach(function (count) { count.textContent = reply.findings.length || ""; });
    repair.hidden = !reply.may_repair;
    sheet.mark(reply.findings);
  }
  function look() {
    check();
    if (holder) render();
  }
  function check() {
    if (checking) checking.abort();
    const mine = checking = new AbortController();
    const fields = new FormData();
    const text = field.value;
    fields.append("csrf_token", token());
    fields.append("text", text);
    post(form.dataset.check, fields, { aborter: mine }).then(function (answer) {
      if (answer.status === 200 && field.value === text) tell(answer.reply);
    }).catch(function () { /* no line: the findings of a moment ago stay */ });
  }
  const screen = make("form");
  screen.method = "post";
  screen.action = form.dataset.preview || "";
  screen.enctype = "multipart/form-data";
  screen.hidden = true;
  ["csrf_token", "text", "view"].forEach(function (name) {
    const input = make(name === "text" ? "textarea" : "input");
    input.name = name;
    screen.append(input);
  });
  document.body.append(screen);
  // A new frame for each picture of the page: the old one stays until the new one stands, and no history is made.
  function render() {
    holder.querySelectorAll(".menyusul").forEach(function (late) { late.remove(); });
    const before = holder.querySelector("iframe");
    const next = make("iframe", "menyusul");
    frames += 1;
    next.name = "layar-" + frames;
    next.title = before.title;
    holder.append(next);
    next.addEventListener("load", function () {
      let at = 0;
      let ready = false;
      try {
        at = before.contentWindow.scrollY;
        ready = next.contentDocument.URL !== "about:blank" && next.contentDocument.querySelector("main, article") !== null;
      } catch (problem) { /* the browser's own page: no line */ }
      if (!ready) { next.remove(); return; }
      next.classList.remove("menyusul");
      next.contentWindow.scrollTo(0, at);
      before.remove();
      next.name = "layar";
    });
    screen.target = next.name;
    screen.elements.csrf_token.value = token();
    screen.elements.text.value = field.value;
    screen.elements.view.value = form.elements.view.value;
    screen.submit();
  }
  document.querySelectorAll("[name=view]").forEach(function (choice) { choice.addEventListener("change", render); });
  document.addEventListener("click", function (event) {
    const link = event.target.closest(".temuan .letak a");
    if (!link || !list.contains(link)) return;
    event.preventDefault();
    go("tulis");
    sheet.jump(Number(link.closest(".temuan").dataset.line));
  });

  // What the window shows
  function go(tab) {
    desk.dataset.tab = tab;
    document.querySelectorAll("[data-show]").forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.show === tab)); });
  }
  desk.dataset.berskrip = "1";
  document.querySelector("[data-tabs]").hidden = false;
  document.querySelectorAll("[data-show]").forEach(function (button) { button.addEventListener("click", function () { go(button.dataset.show); }); });
  const wide = document.querySelector("[data-wide]");
  if (wide) {
    wide.hidden = false;
    wide.addEventListener("click", function () {
      wide.setAttribute("aria-pressed", String(desk.classList.toggle("lebar-lihat")));
    });
  }

  // Keys: Tab moves on unless the person asked for blanks, and Esc always lets go
  const blanks = form.querySelector("[data-tab-blanks]");
  let leaving = false;
  field.addEventListener("keydown", function (event) {
    if (event.key === "Escape") leaving = true;
    else if (event.key === "Tab" && blanks.checked && !leaving && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      put("    ");
    } else if (event.key !== "Tab" && event.key !== "Shift") leaving = false;
  });
  field.addEventListener("focus", function () { leaving = false; });

  // Pieces and pictures
  const tools = form.querySelector("[data-tools]");
  form.querySelectorAll("[data-plain]").forEach(function (node) { node.hidden = true; });
  tools.querySelectorAll("[data-insert]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      button.closest("details").open = false;
      insert(button.dataset.insert, button.dataset.pick, !button.dataset.insert.endsWith("\n"));
    });
  });
  const drawer = tools.querySelector("[data-picture]");
  const fault = drawer.querySelector("[data-picture-error]");
  function complain(words) { fault.textContent = words; fault.hidden = !words; if (words) drawer.open = true; }
  // A picture stands in a paragraph of its own, unless the caret is within a line. Without words the caret waits where they belong.
  function refer(reference, isPicture, name) {
    const alt = drawer.querySelector("[data-alt]");
    const caption = drawer.querySelector("[data-caption]");
    const said = alt.value.trim().replace(/[[\]]/g, "");
    const title = caption.value.trim().replace(/"/g, "'");
    const text = (isPicture ? "![" + said : "[Unduh: " + (said || name)) + "](" + reference + (isPicture && title ? ' "' + title + '"' : "") + ")";
    const at = field.selectionStart;
    const within = at > 0 && field.value[at - 1] !== "\n";
    insert(within ? text : text + "\n", "", within);
    if (isPicture && !said) {
      const inside = field.value.indexOf("![](" + reference, at) + 2;
      field.setSelectionRange(inside, inside);
    }
    alt.value = caption.value = "";
  }
  function upload(file) {
    const sending_form = document.getElementById("unggah");
    const fields = new FormData();
    fields.append("csrf_token", token());
    fields.append("folder", form.dataset.folder);
    fields.append("from", form.dataset.path);
    fields.append("file", file, file.name || "gambar.png");
    complain("");
    return post(sending_form.action, fields, { patient: true }).then(function (answer) {
      if (answer.status !== 200) { complain(answer.reply.message || fault.dataset.failed); return; }
      refer(answer.reply.reference, answer.reply.is_picture, answer.reply.name);
      drawer.open = false;
      drawer.querySelector("[data-file]").value = "";
    }).catch(function () { complain(fault.dataset.failed); });
  }
  drawer.querySelector("[data-picture-go]").addEventListener("click", function (event) {
    event.preventDefault();
    const chosen = drawer.querySelector("[data-file]").files[0];
    const existing = drawer.querySelector("[data-existing]");
    if (chosen) upload(chosen);
    else if (existing && existing.value) { refer(existing.value, true, ""); drawer.open = false; existing.value = ""; }
    else complain(fault.dataset.none);
  });
  function files(transfer) { return transfer ? Array.prototype.slice.call(transfer.files || []) : []; }
  field.addEventListener("paste", function (event) {
    const found = files(event.clipboardData);
    if (found.length) { event.preventDefault(); found.reduce(function (one, file) { return one.then(function () { return upload(file); }); }, Promise.resolve()); }
  });
  field.addEventListener("dragover", function (event) { if (event.dataTransfer && Array.prototype.indexOf.call(event.dataTransfer.types, "Files") >= 0) event.preventDefault(); });
  field.addEventListener("drop", function (event) {
    const found = files(event.dataTransfer);
    if (found.length) { event.preventDefault(); found.reduce(function (one, file) { return one.then(function () { return upload(file); }); }, Promise.resolve()); }
  });

  // What was typed and never saved
  const offer = form.querySelector("[data-offer]");
  function propose() {
    const found = drafts.others(saved)[0];
    offer.hidden = !found;
    if (!found) return;
    const at = new Date(found.at);
    const today = at.toDateString() === new Date().toDateString();
    offer.querySelector("[data-time]").textContent = (today ? "" : at.getDate() + "/" + (at.getMonth() + 1) + "/" + at.getFullYear() + " ") + both(at.getHours()) + "." + both(at.getMinutes());
    offer.querySelector("[data-use]").onclick = function () {
      drafts.forget();
      drafts.version = form.elements.version.value = found.version;
      field.value = found.text;
      drafts.forget(found.key);
      typed();
      propose();
      field.focus();
    };
    offer.querySelector("[data-drop]").onclick = function () { drafts.forget(found.key); propose(); };
  }

  form.querySelector("[data-lembar]").classList.add("hidup");
  sheet.paint();
  propose();
  const asked = Number(new URLSearchParams(location.search).get("baris"));
  check();
  if (asked) setTimeout(function () { sheet.jump(asked); }, 0);
}

if (form && owner) start();
