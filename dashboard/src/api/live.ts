import { useEffect, useSyncExternalStore } from "react";

import { useZone } from "../lib/zone";
import { queryClient } from "./client";
import { follow, type Heard } from "./follow";

/**
 * Live figures, and the rule for all others: when the ledger changed, what is on the screen is asked for again, at most
 * every two seconds, what is slow to answer at most every thirty, and nothing at all while nobody looks.
 */
const PAUSE_MS = 2_000;
const SLOW_PAUSE_MS = 30_000;

let heard: Heard = { live: null, state: "connecting" };
const listeners = new Set<() => void>();
let mark: number | null = null;
let timer = 0;
let refreshed = 0;
let refreshedSlow = 0;

function hear(next: Heard): void {
  const changed = next.live !== null && mark !== null && next.live.mark !== mark;
  if (next.live !== null) mark = next.live.mark;
  heard = next;
  listeners.forEach((listener) => listener());
  if (changed) schedule();
}

function schedule(): void {
  if (timer !== 0) return;
  const wait = document.hidden ? PAUSE_MS : Math.max(0, refreshed + PAUSE_MS - Date.now());
  timer = window.setTimeout(() => {
    timer = 0;
    if (document.hidden) schedule();
    else refresh();
  }, wait);
}

function refresh(): void {
  refreshed = Date.now();
  const slowToo = refreshed - refreshedSlow >= SLOW_PAUSE_MS;
  if (slowToo) refreshedSlow = refreshed;
  void queryClient.invalidateQueries(
    { predicate: ({ meta }) => meta?.pace === undefined || (meta.pace === "slow" && slowToo) },
    { cancelRefetch: false },
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLive(): Heard {
  return useSyncExternalStore(subscribe, () => heard);
}

/** Keep the page current; used once, by the shell. */
export function useFollowing(active: boolean): void {
  const { asked } = useZone();
  useEffect(() => (active ? follow(asked, hear) : undefined), [active, asked]);
}
