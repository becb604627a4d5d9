// What the page says to the playground, and hears from it.

async function post(address, body) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return await response.json();
  } catch {
    return { refused: "The playground does not answer. Is `failures demo` still running?" };
  }
}

/** Do something in the workspace; gives `refused`, or Slack's `error` and the `errors` of a form. */
export const act = (body) => post("/page/act", body);

/** Let something happen behind the scenes; gives `refused`, or a `note`. */
export const cue = (body) => post("/page/stage", body);

/** Listen to all that a person sees. `handlers` are called by the name of what has changed. Gives what ends it. */
export function listen(person, handlers, { lost, found }) {
  const source = new EventSource(`/page/stream?as=${encodeURIComponent(person ?? "")}`);
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  source.addEventListener("open", found);
  source.addEventListener("error", lost);
  return () => source.close();
}
