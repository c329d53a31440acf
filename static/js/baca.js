// Remembers the heading being read, so that "Lanjutkan belajar" opens the exact place. Sent when the page is left.
const place = document.querySelector("[data-place]");

if (place && navigator.sendBeacon) {
  const headings = Array.prototype.slice.call(document.querySelectorAll("article h2[id], article h3[id]"));
  let sent = "";
  const current = function () {
    let found = "";
    headings.forEach(function (heading) {
      if (heading.getBoundingClientRect().top < window.innerHeight / 2) found = heading.id;
    });
    return found;
  };
  const send = function () {
    const heading = current();
    if (heading === sent) return;
    sent = heading;
    const fields = new FormData();
    fields.append("csrf_token", place.dataset.csrf);
    fields.append("course", place.dataset.course);
    fields.append("item", place.dataset.item);
    fields.append("heading", heading);
    navigator.sendBeacon(place.dataset.place, fields);
  };
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("pagehide", send);
}
