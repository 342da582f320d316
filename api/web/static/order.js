// When an order changes elsewhere its forms are made anew, unless somebody is filling one in: then they are told.
"use strict";

document.addEventListener("htmx:sse:after:message", (event) => {
  if (event.target.id !== "order-follow") return;
  const actions = document.getElementById("order-actions");
  if (actions.querySelector("details[open]")) {
    document.getElementById("order-stale").hidden = false;
  } else {
    htmx.ajax("GET", event.target.dataset.actions, { target: "#order-actions", swap: "outerHTML" });
  }
});
