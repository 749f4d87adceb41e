import { useSyncExternalStore } from "react";

/** Whether the server knows this browser: without its cookie the page asks for the token. */
let locked = false;
const listeners = new Set<() => void>();

function change(next: boolean): void {
  if (locked === next) return;
  locked = next;
  listeners.forEach((listener) => listener());
}

export const lock = () => change(true);
export const unlock = () => change(false);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLocked(): boolean {
  return useSyncExternalStore(subscribe, () => locked);
}
