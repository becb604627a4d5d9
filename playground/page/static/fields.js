// What can be chosen or filled in: menus, pickers, inputs. Each field can be read when its form is submitted.

import { clean, el, newId } from "./dom.js";
import { textNodes } from "./mrkdwn.js";
import { use } from "./using.js";

/** A field: `read` and `write` get and set what stands in it, and using it tells the app where it should. */
export function field(node, input, element, block, context, { read, write, labelled = true }) {
  node.classList.add("field");
  Object.assign(node, { block: block.block_id ?? "", action: element.action_id ?? "", kind: block.type, read, write });
  if (labelled && block.type !== "input")
    input.setAttribute("aria-label", clean(element.placeholder?.text ?? "Choose"));
  if (block.type !== "input" || block.dispatch_action) {
    input.setAttribute("data-control", `${block.block_id}/${element.action_id}`);
    let before = read();
    node.addEventListener("change", async () => {
      const done = await use(node, element, block, context, { type: "choose", option: read() });
      if (done) before = read();
      else write(before);
    });
  }
  return node;
}

const optionNode = (option) => el("option", { value: option.value }, clean(option.text.text));
const membersOf = (context, wanted) =>
  Object.entries(context.people)
    .filter(([id]) => wanted(id))
    .map(([id, name]) => ({ value: id, text: { text: `@${name}` } }));
const placesOf = (context) =>
  context.channels.filter((one) => one.kind !== "im").map((one) => ({ value: one.id, text: { text: `#${one.name}` } }));
const OFFERS = {
  static: (element) => element.options ?? [],
  users: (_, context) => membersOf(context, () => true),
  channels: (_, context) => placesOf(context),
  conversations: (_, context) => placesOf(context),
};
const INITIAL = ["initial_option", "initial_user", "initial_channel", "initial_conversation"];
const INITIALS = ["initial_options", "initial_users", "initial_channels", "initial_conversations"];

function standing(element, names) {
  const found = names.map((name) => element[name]).find((value) => value !== undefined);
  return Array.isArray(found) ? found.map((one) => one.value ?? one) : (found?.value ?? found ?? "");
}

const select = (kind) => (element, block, context) => {
  const groups = (element.option_groups ?? []).map((group) =>
    el("optgroup", { label: clean(group.label.text) }, group.options.map(optionNode)),
  );
  const first = el("option", { value: "" }, clean(element.placeholder?.text ?? "Choose"));
  const input = el("select", { id: context.fieldId }, first, OFFERS[kind](element, context).map(optionNode), groups);
  input.value = standing(element, INITIAL);
  return field(el("span", { class: "select" }, input), input, element, block, context, {
    read: () => input.value || null,
    write: (value) => (input.value = value ?? ""),
  });
};

const multiSelect = (kind) => (element, block, context) => {
  const options = [
    ...OFFERS[kind](element, context),
    ...(element.option_groups ?? []).flatMap((group) => group.options),
  ];
  const group = several(options, "checkbox", element, block, context, standing(element, INITIALS) || []);
  return block.type === "input" ? group : folded(group, options, element);
};

/** A group of choices behind a line that says what is chosen. */
function folded(group, options, element) {
  const words = el("summary", { class: "button" });
  const say = () => {
    const chosen = options.filter((one) => group.read().includes(one.value)).map((one) => clean(one.text.text));
    words.textContent = `${chosen.join(", ") || clean(element.placeholder?.text ?? "Choose")} ▾`;
  };
  group.addEventListener("change", say);
  say();
  const box = el("details", { class: "menu-box multi" }, words, el("div", { class: "menu" }, group));
  box.addEventListener("focusout", (event) => event.relatedTarget && !box.contains(event.relatedTarget) && (box.open = false));
  return box;
}

/** Checkboxes or radio buttons in a group. */
function several(options, type, element, block, context, chosen) {
  const name = newId("choice");
  const boxes = options.map((option) =>
    el("input", { type, name, value: option.value, checked: chosen.includes(option.value) }),
  );
  const lines = options.map((option, index) =>
    el(
      "label",
      { class: "choice" },
      boxes[index],
      el(
        "span",
        {},
        textNodes(option.text, context),
        option.description && el("small", {}, textNodes(option.description, context)),
      ),
    ),
  );
  const group = el(
    "div",
    {
      role: type === "radio" ? "radiogroup" : "group",
      class: "choices",
      id: context.fieldId,
      "aria-labelledby": context.labelId,
    },
    lines,
  );
  const values = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return field(group, group, element, block, context, {
    read: () => (type === "radio" ? (values()[0] ?? null) : values()),
    write: (value) => boxes.forEach((box) => (box.checked = [value].flat().includes(box.value))),
    labelled: !context.labelId,
  });
}

const typed =
  (type, initial, more = () => ({})) =>
  (element, block, context) => {
    const attributes = { id: context.fieldId, placeholder: clean(element.placeholder?.text ?? ""), ...more(element) };
    const input =
      element.multiline || type === "textarea"
        ? el("textarea", { rows: "4", ...attributes })
        : el("input", { type, ...attributes });
    input.value = element[initial] ?? "";
    if (element.focus_on_load) input.autofocus = true;
    return field(el("span", { class: "text-field" }, input), input, element, block, context, {
      read: () => input.value || null,
      write: (value) => (input.value = value ?? ""),
    });
  };

/** What a rich_text says, as plain text. */
const wordsOf = (part) => part?.text ?? (part?.elements ?? []).map(wordsOf).join(part?.type === "rich_text" ? "\n" : "");

/** A field for styled text; here it is written without styles. */
function richTextInput(element, block, context) {
  const initial_value = element.initial_value && wordsOf(element.initial_value);
  return typed("textarea", "initial_value")({ ...element, initial_value }, block, context);
}

/** Files from this machine: the app is told their names, and nothing leaves the browser. */
function files(element, block, context) {
  const input = el("input", {
    type: "file",
    id: context.fieldId,
    multiple: (element.max_files ?? 10) > 1,
    accept: element.filetypes?.map((one) => `.${one.replace(/^\./, "")}`).join(",") ?? null,
  });
  return field(el("span", { class: "text-field" }, input), input, element, block, context, {
    read: () => [...input.files].slice(0, element.max_files ?? 10).map((file) => file.name),
    write: () => {}, // a browser lets nobody but the person choose files
  });
}

const lengths = (element) => ({ minlength: element.min_length || null, maxlength: element.max_length || null });
const bounds = (element) => ({
  min: element.min_value ?? null,
  max: element.max_value ?? null,
  step: element.is_decimal_allowed ? "any" : "1",
});

/** A moment: read as seconds since 1970, as Slack gives it. */
function moment(element, block, context) {
  const input = el("input", { type: "datetime-local", id: context.fieldId });
  const write = (seconds) => {
    const date = new Date((seconds ?? 0) * 1000);
    input.value = seconds
      ? new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
      : "";
  };
  write(element.initial_date_time);
  return field(el("span", { class: "text-field" }, input), input, element, block, context, {
    read: () => (input.value ? Math.floor(new Date(input.value).getTime() / 1000) : null),
    write,
  });
}

/** The fields by the type of their element. */
export const FIELDS = {
  static_select: select("static"),
  rich_text_input: richTextInput,
  file_input: files,
  users_select: select("users"),
  channels_select: select("channels"),
  conversations_select: select("conversations"),
  multi_static_select: multiSelect("static"),
  multi_users_select: multiSelect("users"),
  multi_channels_select: multiSelect("channels"),
  multi_conversations_select: multiSelect("conversations"),
  checkboxes: (element, block, context) =>
    several(element.options, "checkbox", element, block, context, standing(element, INITIALS) || []),
  radio_buttons: (element, block, context) =>
    several(element.options, "radio", element, block, context, [standing(element, INITIAL)]),
  datepicker: typed("date", "initial_date"),
  timepicker: typed("time", "initial_time"),
  datetimepicker: moment,
  plain_text_input: typed("text", "initial_value", lengths),
  email_text_input: typed("email", "initial_value"),
  url_text_input: typed("url", "initial_value"),
  number_input: typed("number", "initial_value", bounds),
};
