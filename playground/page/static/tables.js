// The table and data_table blocks.

import { clean, el } from "./dom.js";
import { richText } from "./richtext.js";

function cellNodes(cell, context) {
  if (cell.type === "rich_text") return richText(cell, context);
  return [clean(cell.text ?? new Intl.NumberFormat("en").format(cell.value))];
}

function aligned(block, index, rows) {
  const wish = block.column_settings?.[index]?.align;
  if (wish) return wish;
  return rows.length && rows.every((row) => row[index]?.type === "raw_number") ? "right" : "left";
}

function drawn(block, head, rows, context) {
  const align = head.map((_, index) => `align-${aligned(block, index, rows)}`);
  const first = block.row_header_column_index;
  const tag = (index) =>
    index === first ? ["th", { scope: "row", class: align[index] }] : ["td", { class: align[index] }];
  return {
    thead: el(
      "thead",
      {},
      el(
        "tr",
        {},
        head.map((cell, index) => el("th", { scope: "col", class: align[index] }, cellNodes(cell, context))),
      ),
    ),
    rowNodes: rows.map((row) =>
      el(
        "tr",
        {},
        row.map((cell, index) => el(...tag(index), cellNodes(cell, context))),
      ),
    ),
  };
}

const scrolled = (label, table) =>
  el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, table);

/** A table block: all rows at once. */
export function table(block, context) {
  const [head, ...rows] = block.rows;
  const { thead, rowNodes } = drawn(block, head, rows, context);
  return scrolled("table", el("table", {}, thead, el("tbody", {}, rowNodes)));
}

/** A data_table block: a page of rows at a time. */
export function dataTable(block, context) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const pages = Math.ceil(rows.length / size);
  const { thead, rowNodes } = drawn(block, head, rows, context);
  const body = el("tbody");
  const where = el("span", { "aria-live": "polite" });
  let page = 0;
  const turn = (by) => {
    page = Math.min(Math.max(page + by, 0), pages - 1);
    body.replaceChildren(...rowNodes.slice(page * size, (page + 1) * size));
    where.textContent = `${page * size + 1}–${Math.min((page + 1) * size, rows.length)} of ${rows.length}`;
    back.disabled = page === 0;
    on.disabled = page === pages - 1;
  };
  const back = el(
    "button",
    { type: "button", class: "button small", "aria-label": "Previous rows", onclick: () => turn(-1) },
    "‹",
  );
  const on = el(
    "button",
    { type: "button", class: "button small", "aria-label": "Next rows", onclick: () => turn(1) },
    "›",
  );
  turn(0);
  const caption = el("caption", {}, clean(block.caption));
  return el(
    "div",
    { class: "data-table" },
    scrolled(clean(block.caption), el("table", {}, caption, thead, body)),
    pages > 1 && el("div", { class: "pager" }, back, where, on),
  );
}
