// The data_visualization block as a drawing: bars, lines, areas, pies, with a legend and the figures in words.

import { clean, el, svg } from "./dom.js";

const WIDTH = 560;
const HEIGHT = 240;
const LEFT = 44;
const BOTTOM = 40;
const TOP = 10;
const colour = (index) => `series-${index % 6}`;
const figure = (value) => new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value);

/** The figure of a data_visualization block. */
export function chart(block) {
  const body = block.chart;
  const draw = body.type === "pie" ? pie(body) : axes(body);
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${clean(block.title)}. ${draw.words}` },
    draw.nodes,
  );
  const legend =
    draw.legend.length > 1 &&
    el(
      "ul",
      { class: "legend" },
      draw.legend.map((name, index) => el("li", {}, el("span", { class: `swatch ${colour(index)}` }), name)),
    );
  return el("figure", { class: "chart" }, el("figcaption", {}, clean(block.title)), drawing, legend);
}

/** A round number at or above the greatest value, and how far apart the lines are. */
function scale(most) {
  const rough = Math.max(most, 1e-9) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  return { step, top: Math.ceil(most / step) * step || 1 };
}

function axes(body) {
  const { categories, x_label: xLabel, y_label: yLabel } = body.axis_config;
  const series = body.series.map((one) => ({
    name: one.name,
    values: categories.map((label) => one.data.find((point) => point.label === label)?.value ?? 0),
  }));
  const { step, top } = scale(Math.max(...series.flatMap((one) => one.values), 0));
  const x = (index) => LEFT + ((index + 0.5) * (WIDTH - LEFT - 8)) / categories.length;
  const y = (value) => TOP + (1 - Math.max(value, 0) / top) * (HEIGHT - TOP - BOTTOM);
  const lines = [];
  for (let value = 0; value <= top + step / 2; value += step) {
    lines.push(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - 8, y1: y(value), y2: y(value) }));
    lines.push(svg("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, figure(value)));
  }
  const every = Math.ceil(categories.length / 10);
  const ticks = categories.map(
    (label, index) =>
      index % every === 0 &&
      svg("text", { class: "tick", x: x(index), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, clean(label)),
  );
  const names = [
    xLabel &&
      svg("text", { class: "axis", x: (LEFT + WIDTH) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, clean(xLabel)),
    yLabel &&
      svg(
        "text",
        {
          class: "axis",
          x: 10,
          y: (HEIGHT - BOTTOM) / 2,
          "text-anchor": "middle",
          transform: `rotate(-90 10 ${(HEIGHT - BOTTOM) / 2})`,
        },
        clean(yLabel),
      ),
  ];
  const words = series
    .map(
      (one) => `${one.name}: ${one.values.map((value, index) => `${categories[index]} ${figure(value)}`).join(", ")}`,
    )
    .join("; ");
  const marks = series.map((one, index) =>
    MARKS[body.type](one, index, series.length, x, y, (WIDTH - LEFT - 8) / categories.length),
  );
  return { nodes: [lines, ticks, names, marks], legend: series.map((one) => one.name), words };
}

const points = (one, x, y) => one.values.map((value, index) => `${x(index)},${y(value)}`).join(" ");

const MARKS = {
  bar: (one, index, count, x, y, room) => {
    const width = Math.min((room * 0.76) / count, 48);
    return one.values.map((value, at) =>
      svg(
        "rect",
        {
          class: colour(index),
          x: x(at) + (index - count / 2) * width,
          y: y(value),
          width: Math.max(width - 2, 1),
          height: y(0) - y(value),
          rx: 2,
        },
        svg("title", {}, `${one.name}: ${figure(value)}`),
      ),
    );
  },
  line: (one, index, _count, x, y) => [
    svg("polyline", { class: `line ${colour(index)}`, points: points(one, x, y) }),
    one.values.map((value, at) =>
      svg(
        "circle",
        { class: colour(index), cx: x(at), cy: y(value), r: 3.5 },
        svg("title", {}, `${one.name}: ${figure(value)}`),
      ),
    ),
  ],
  area: (one, index, _count, x, y) => [
    svg("polygon", {
      class: `area ${colour(index)}`,
      points: `${x(0)},${y(0)} ${points(one, x, y)} ${x(one.values.length - 1)},${y(0)}`,
    }),
    svg("polyline", { class: `line ${colour(index)}`, points: points(one, x, y) }),
  ],
};

function pie(body) {
  const total = body.segments.reduce((sum, part) => sum + part.value, 0) || 1;
  const radius = HEIGHT / 2 - 14;
  const at = (share) =>
    [WIDTH / 2 + radius * Math.sin(share * 2 * Math.PI), HEIGHT / 2 - radius * Math.cos(share * 2 * Math.PI)].join(" ");
  let from = 0;
  const nodes = body.segments.map((part, index) => {
    const to = from + part.value / total;
    const path =
      to - from > 0.9999
        ? svg("circle", { class: colour(index), cx: WIDTH / 2, cy: HEIGHT / 2, r: radius })
        : svg("path", {
            class: `slice ${colour(index)}`,
            d: `M ${WIDTH / 2} ${HEIGHT / 2} L ${at(from)} A ${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${at(to)} Z`,
          });
    path.append(svg("title", {}, `${part.label}: ${figure(part.value)}`));
    from = to;
    return path;
  });
  const legend = body.segments.map(
    (part) => `${clean(part.label)} · ${figure(part.value)} (${Math.round((100 * part.value) / total)} %)`,
  );
  return { nodes, legend, words: legend.join(", ") };
}
