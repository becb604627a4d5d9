// The modal that the app has opened, and its Home tab.

import { drawBlocks } from "./blocks.js";
import { byId, el } from "./dom.js";
import { showFailure } from "./messages.js";
import { textNodes } from "./mrkdwn.js";
import { act } from "./net.js";
import { context, store } from "./store.js";

const fieldsOf = (node) => [...node.querySelectorAll(".field")];
const nameOf = (field) => (field.kind === "input" ? field.block : field.action);
const isEmpty = (value) => value === null || value === "" || (Array.isArray(value) && !value.length);

const REQUIRED = "Please complete this required field.";

/** What Slack says of a text with fewer characters than the app asks for; nothing where it has enough. */
function tooShort(field) {
  const input = field.querySelector("[minlength]");
  const least = Number(input?.getAttribute("minlength"));
  return input && input.value.length < least && `Please enter at least ${least} characters.`;
}

let drawn = null;

/** Draw the modal as the app last sent it, keeping what was typed; close it where the app did. */
export function drawModal() {
  const view = store.modal;
  const dialog = byId("modal");
  const standing =
    dialog.open && drawn?.id === view?.id
      ? new Map(fieldsOf(dialog).map((one) => [`${one.block}/${one.action}`, one.read()]))
      : new Map();
  drawn = view;
  if (!view) return dialog.open && dialog.close();
  const here = context({ place: { view: view.id }, act, failed: showFailure });
  const form = el(
    "form",
    { method: "dialog", novalidate: true, onsubmit: (event) => (event.preventDefault(), submit(view, form)) },
    el(
      "header",
      {},
      el("h2", { id: "modal-title" }, textNodes(view.title, here)),
      el("button", { type: "button", class: "button quiet", "aria-label": "Close", onclick: () => leave(view) }, "✕"),
    ),
    el("div", { class: "dialog-body" }, drawBlocks(view.blocks, here), el("p", { class: "form-error", role: "alert" })),
    el(
      "footer",
      {},
      el(
        "button",
        { type: "button", class: "button", onclick: () => leave(view) },
        view.depth > 1 ? "Back" : textNodes(view.close ?? { text: view.submit ? "Cancel" : "Close" }, here),
      ),
      view.submit && el("button", { type: "submit", class: "button primary" }, textNodes(view.submit, here)),
    ),
  );
  dialog.replaceChildren(form);
  for (const one of fieldsOf(form))
    if (standing.has(`${one.block}/${one.action}`)) one.write(standing.get(`${one.block}/${one.action}`));
  if (!dialog.open) dialog.showModal();
  form.querySelector("[autofocus]")?.focus();
}

function showErrors(form, errors) {
  const blocks = [...form.querySelectorAll(".block.input")];
  for (const block of blocks) {
    const words = errors[block.dataset.block] ?? "";
    const input = block.querySelector("input, select, textarea");
    block.querySelector(".field-error").textContent = words;
    if (words) input?.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
  }
  blocks
    .find((block) => errors[block.dataset.block])
    ?.querySelector("input, select, textarea")
    ?.focus();
}

async function submit(view, form) {
  const optional = new Set(view.blocks.filter((block) => block.optional).map((block) => block.block_id));
  const fields = fieldsOf(form);
  const wrong = Object.fromEntries(
    fields
      .filter((one) => one.kind === "input")
      .map((one) => [one.block, isEmpty(one.read()) ? !optional.has(one.block) && REQUIRED : tooShort(one)])
      .filter(([, words]) => words),
  );
  const problem = form.querySelector(".form-error");
  problem.textContent = "";
  showErrors(form, wrong);
  if (Object.keys(wrong).length) return;
  form.setAttribute("aria-busy", "true");
  const answer = await act({
    type: "submit",
    who: store.me,
    view: view.id,
    values: Object.fromEntries(fields.map((one) => [nameOf(one), one.read()])),
  });
  form.removeAttribute("aria-busy");
  showErrors(form, answer.errors ?? {});
  const why = answer.refused ?? (answer.error && `We had some trouble connecting (${answer.error}). Try again?`);
  problem.textContent = why ?? "";
}

const leave = (view) => act({ type: "close", who: store.me, view: view.id });

/** Escape asks the app's modal to close, as its close button does. */
export function watchModal() {
  byId("modal").addEventListener("cancel", (event) => {
    event.preventDefault();
    if (store.modal) leave(store.modal);
  });
}

/** The Home tab as the app has published it, or why there is none. */
export function drawHome() {
  const place = byId("home");
  if (!store.hasHome) {
    place.replaceChildren(
      el("p", { class: "empty" }, "This app has no Home tab: home_tab_enabled is false in its manifest."),
    );
  } else if (!store.home) {
    place.replaceChildren(el("p", { class: "empty" }, `${store.bot.name} has not published its Home tab yet.`));
  } else {
    place.replaceChildren(
      el(
        "div",
        { class: "home-blocks" },
        drawBlocks(store.home.blocks, context({ place: { view: store.home.id }, act, failed: showFailure })),
      ),
    );
  }
}
