// When an order changes elsewhere its forms are made anew, unless somebody is filling one in: then they are told.
"use strict";

const isFillingIn = () => document.querySelector("#order-actions details[open]") !== null;
const tellOfChange = () => {
  document.getElementById("order-stale").hidden = false;
};

document.addEventListener("htmx:sse:after:message", (event) => {
  if (event.target.id !== "order-follow") return;
  if (isFillingIn()) {
    tellOfChange();
  } else {
    htmx.ajax("GET", event.target.dataset.actions, { target: "#order-actions", swap: "outerHTML" });
  }
});

// Whoever opened a form while its new version was on the way keeps it.
document.addEventListener("htmx:before:swap", (event) => {
  const follow = document.getElementById("order-follow");
  if (follow && event.detail.ctx.request?.action === follow.dataset.actions && isFillingIn()) {
    event.preventDefault();
    tellOfChange();
  }
});
