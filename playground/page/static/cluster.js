// The simulated cluster beside the conversation: its nodes, its newest jobs, and what can be made to happen.

import { drawClock, prepareClock } from "./clock.js";
import { announce, byId, clean, el } from "./dom.js";
import { cue } from "./net.js";
import { store } from "./store.js";

const JOBS = 12;
const STATES = { Running: "running", Succeeded: "succeeded", Failed: "failed", Waiting: "failed", Pending: "pending" };
const MARKS = { running: "▶", succeeded: "✓", failed: "✕", pending: "…" };

let selected = "gpu-node-07";

/** Let something happen, and say what. */
export async function stage(body) {
  const answer = await cue(body);
  const words = answer.refused ?? answer.note ?? "";
  byId("stage-note").textContent = words;
  announce(words);
  return answer;
}

const stateOf = (node) => (!node.ready ? "down" : node.trouble ? "bad" : node.cordoned ? "cordoned" : "good");
const SAID = { good: "healthy", bad: "has a GPU fault", cordoned: "cordoned", down: "not ready" };

function tile(node) {
  const state = stateOf(node);
  const failed = node.ends.filter((good) => !good).length;
  const words = `${node.name}, ${node.gpu}, ${SAID[state]}, ${node.pods} running, ${failed} of the last ${node.ends.length} runs failed`;
  return el(
    "button",
    {
      type: "button",
      class: `node ${state}`,
      "aria-label": words,
      title: node.trouble ?? words,
      "aria-pressed": String(node.name === selected),
      "data-node": node.name,
      onclick: () => ((selected = node.name), drawCluster()),
    },
    el("span", { class: "node-name" }, node.name.replace(/^gpu-node-/, "")),
    el("span", { class: "node-pods" }, node.pods ? `${node.pods}▶` : "–"),
    el(
      "span",
      { class: "ends", "aria-hidden": "true" },
      node.ends.slice(-8).map((good) => el("i", { class: good ? "ok" : "ko" })),
    ),
  );
}

function nodeBar(node) {
  const state = stateOf(node);
  const isBad = state === "bad";
  return [
    el("p", {}, el("strong", {}, node.name), ` ${node.gpu} · ${SAID[state]}`),
    el(
      "button",
      {
        type: "button",
        class: isBad ? "button small" : "button small danger",
        onclick: () => stage({ type: isBad ? "mend" : "spoil", node: node.name }),
      },
      isBad ? "Mend it" : "Make it bad",
    ),
  ];
}

function jobLine(job) {
  const state = STATES[job.state] ?? "pending";
  return el(
    "li",
    { class: state },
    el("span", { class: "mark", "aria-hidden": "true" }, MARKS[state]),
    el("span", { class: "job-name" }, job.job),
    el("small", {}, `${job.project} · ${clean(job.reason || job.state)}`),
  );
}

/** Draw what changes: nodes, jobs, switches. */
export function drawCluster() {
  const { cluster, link } = store;
  byId("cluster").hidden = !cluster;
  document.body.classList.toggle("has-cluster", Boolean(cluster));
  if (!cluster) return;
  drawClock(cluster.clock);
  const focused = document.activeElement?.dataset?.node;
  byId("nodes").replaceChildren(...cluster.nodes.map(tile));
  if (focused)
    byId("nodes")
      .querySelector(`[data-node="${CSS.escape(focused)}"]`)
      ?.focus({ preventScroll: true });
  const node = cluster.nodes.find((one) => one.name === selected) ?? cluster.nodes[0];
  const bar = byId("node-bar");
  const key = `${node?.name}/${node && stateOf(node)}`;
  if (node && bar.dataset.key !== key) {
    bar.dataset.key = key;
    bar.replaceChildren(...nodeBar(node));
  }
  byId("jobs").replaceChildren(...cluster.jobs.slice(0, JOBS).map(jobLine));
  for (const radio of document.querySelectorAll("[name=pace]")) radio.checked = radio.value === cluster.pace;
  byId("cut-cluster").setAttribute("aria-pressed", String(cluster.away));
  byId("cut-slack").setAttribute("aria-pressed", String(link.away));
  byId("rates").setAttribute("aria-pressed", String(link.rates));
  byId("cluster-state").textContent = cluster.away ? "API server cut" : "API server up";
  byId("cluster-state").className = cluster.away ? "pill bad" : "pill good";
}

/** Make the buttons work, once it is known what there is. */
export function prepareCluster() {
  if (!store.stage || byId("mishap").childElementCount) return;
  byId("mishap").append(...store.stage.mishaps.map((one) => el("option", { value: one.name }, one.about)));
  byId("pace").append(
    ...store.stage.paces.map((pace) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name: "pace", value: pace, onchange: () => stage({ type: "pace", pace }) }),
        el("span", {}, pace),
      ),
    ),
  );
  prepareClock(stage);
  const on = (id, body) => byId(id).addEventListener("click", () => stage(body()));
  on("fail-job", () => ({ type: "fail job", mishap: byId("mishap").value }));
  on("fix-memory", () => ({ type: "fix memory" }));
  on("push-image", () => ({ type: "push image" }));
  on("cut-cluster", () => ({ type: "cut", what: "cluster", away: !store.cluster.away }));
  on("cut-slack", () => ({ type: "cut", what: "slack", away: !store.link.away }));
  on("kill-bot", () => ({ type: "kill bot" }));
  on("rates", () => ({ type: "rates", on: !store.link.rates }));
}
