// Page Orders: the address follows what is searched, "/" leads to the box, arrows walk the orders, exports tell how far.
"use strict";

const POLL_MS = 700;
const FOUND = "#orders-found";

function addressOf(form) {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value && !(name === "sort" && value === "newest")) asked.append(name, value);
  }
  const query = asked.toString();
  return location.pathname + (query ? `?${query}` : "");
}

// Typing is not a step one wants to go back by, so the address is replaced.
document.addEventListener("htmx:after:swap", () => {
  const form = document.getElementById("orders-search");
  if (form && document.activeElement?.form === form) history.replaceState(null, "", addressOf(form));
});

function links() {
  return [...document.querySelectorAll(`${FOUND} a[data-order]`)];
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.getElementById("orders-q");
  if (event.key === "/" && !isTyping(event.target)) {
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = links();
  const at = all.indexOf(document.activeElement);
  if (!step || all.length === 0 || (at < 0 && event.target !== box)) return;
  event.preventDefault();
  if (at + step < 0) box.focus();
  else all[Math.min(at + step, all.length - 1)].focus();
});

async function follow(name, pool) {
  const told = document.getElementById("orders-export");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const answer = await fetch(`/v1/pools/${pool}/orders/export/${name}`);
    if (!told.isConnected) return;
    if (!answer.ok) {
      if (answer.status === 404) continue;
      told.textContent = "How far the export is cannot be told at the moment.";
      return;
    }
    const { written, total, is_done: isDone } = await answer.json();
    const count = written.toLocaleString("en");
    told.textContent = isDone
      ? `${count} ${written === 1 ? "order" : "orders"} exported.`
      : `Exporting: ${count}${total === null ? "" : ` of ${total.toLocaleString("en")}`} orders written…`;
    if (isDone) return;
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-export]");
  if (!link) return;
  const name = crypto.randomUUID ? crypto.randomUUID() : String(Date.now());
  const url = new URL(link.href);
  url.searchParams.set("name", name);
  link.href = url;
  link.closest("details").open = false;
  document.getElementById("orders-export").textContent = "Exporting…";
  follow(name, url.pathname.split("/")[3]);
});
