import { useSyncExternalStore } from "react";

/** Choices that belong to this browser. Without storage they live as long as the page does. */
const fallback = new Map<string, string>();
const listeners = new Set<() => void>();

const keyOf = (name: string) => `codesession.${name}`;

export function readChoice(name: string): string | null {
  try {
    return localStorage.getItem(keyOf(name)) ?? fallback.get(name) ?? null;
  } catch {
    // Storage is switched off in this browser.
    return fallback.get(name) ?? null;
  }
}

export function writeChoice(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), value);
  } catch {
    // Storage is full or switched off: kept for this page only.
    if (value === null) fallback.delete(name);
    else fallback.set(name, value);
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function useChoice(name: string): [string | null, (value: string | null) => void] {
  const value = useSyncExternalStore(subscribe, () => readChoice(name));
  return [value, (next) => writeChoice(name, next)];
}
