import type { Live } from "./schema";

/** What the server last said, and whether it is heard at all. */
export interface Heard {
  live: Live | null;
  state: "connecting" | "live" | "lost";
}

type Hear = (heard: Heard) => void;

const RETRY_MS = 4_000;

/**
 * Follow the server's events. Browsers allow six connections to one server, so of all open tabs one holds the
 * connection and tells the others; when it is closed the next one takes over.
 */
export function follow(zone: string | undefined, hear: Hear): () => void {
  if (!("locks" in navigator) || !("BroadcastChannel" in window)) return listen(zone, hear);
  const name = `codesession ${zone ?? ""}`;
  const channel = new BroadcastChannel(name);
  const over = new AbortController();
  let last: Heard | null = null;
  let leads = false;
  channel.onmessage = (event: MessageEvent<Heard | "hello">) => {
    if (event.data !== "hello") hear(event.data);
    else if (leads && last !== null) channel.postMessage(last);
  };
  channel.postMessage("hello");
  const lead = () =>
    new Promise<void>((done) => {
      leads = true;
      const stop = listen(zone, (heard) => {
        last = heard;
        hear(heard);
        if (!over.signal.aborted) channel.postMessage(heard);
      });
      over.signal.addEventListener("abort", () => (stop(), done()));
    });
  navigator.locks.request(name, { signal: over.signal }, lead).catch((error: unknown) => {
    // Giving up the wait for the lock is how a tab that never led leaves.
    if (!over.signal.aborted) throw error;
  });
  return () => {
    over.abort();
    channel.close();
  };
}

function listen(zone: string | undefined, hear: Hear): () => void {
  let live: Live | null = null;
  let source: EventSource | null = null;
  let retry = 0;
  const open = () => {
    source = new EventSource(`/api/v1/events${zone === undefined ? "" : `?zone=${encodeURIComponent(zone)}`}`);
    source.addEventListener("live", (event: MessageEvent<string>) => {
      live = JSON.parse(event.data) as Live;
      hear({ live, state: "live" });
    });
    source.onerror = () => {
      hear({ live, state: "lost" });
      // After a refusal, unlike a lost connection, the browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(open, RETRY_MS);
    };
  };
  open();
  return () => {
    window.clearTimeout(retry);
    source?.close();
  };
}
