// Questions that have to be answered before something is done.

import { el } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** Ask as Slack's confirm object says; whether the person agreed. */
export function confirmed(confirm, context) {
  return new Promise((answer) => {
    const style = confirm.style === "danger" ? "button danger" : "button primary";
    const dialog = el(
      "dialog",
      {
        class: "dialog confirm",
        "aria-labelledby": "confirm-title",
        onclose: () => (dialog.remove(), answer(dialog.returnValue === "yes")),
      },
      el("h2", { id: "confirm-title" }, textNodes(confirm.title, context)),
      el("div", { class: "dialog-body" }, textNodes(confirm.text, context)),
      el(
        "footer",
        {},
        el(
          "button",
          { type: "button", class: "button", onclick: () => dialog.close("no") },
          textNodes(confirm.deny, context),
        ),
        el(
          "button",
          { type: "button", class: style, onclick: () => dialog.close("yes") },
          textNodes(confirm.confirm, context),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
