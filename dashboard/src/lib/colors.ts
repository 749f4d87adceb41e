import { useMantineColorScheme } from "@mantine/core";
import { useCallback, useSyncExternalStore } from "react";

import type { Names } from "../api/schema";
import { readChoice, writeChoice } from "./storage";

/**
 * One colour per name, the same in every chart and after every restart: names take the next free slot when they are
 * first seen. Ten hues that stay apart for red-green and blue-yellow blind eyes, by lightness too; each 3:1 on its ground.
 */
const LIGHT = [
  "#2467a8",
  "#c9700c",
  "#128a73",
  "#a83279",
  "#6a4fc0",
  "#b83a22",
  "#3d8fc4",
  "#7d7f1f",
  "#7a4a2c",
  "#4f5b6b",
];
const DARK = [
  "#6aaef0",
  "#f0a043",
  "#41c7a6",
  "#e27fbd",
  "#a48ff2",
  "#f07a5f",
  "#8fd0f5",
  "#c9c95a",
  "#c99a76",
  "#9aa7b8",
];

/** Names that are remembered per dimension. */
const KEPT = 200;

const REST = { light: "#85897f", dark: "#7d837c" };

export const KIND_COLORS = {
  light: { uncached: "#2467a8", read: "#128a73", write: "#c9700c", output: "#a83279", reasoning: "#6a4fc0" },
  dark: { uncached: "#6aaef0", read: "#41c7a6", write: "#f0a043", output: "#e27fbd", reasoning: "#a48ff2" },
};

const slots = new Map<string, string[]>();
const listeners = new Set<() => void>();
let seeded = 0;

function namesOf(dimension: string): string[] {
  let names = slots.get(dimension);
  if (names === undefined) {
    names = (readChoice(`colors.${dimension}`) ?? "").split("\n").filter(Boolean);
    slots.set(dimension, names);
  }
  return names;
}

function take(dimension: string, wanted: readonly string[]): void {
  const names = namesOf(dimension);
  const fresh = wanted.filter((name) => !names.includes(name));
  if (fresh.length === 0) return;
  names.push(...fresh);
  writeChoice(`colors.${dimension}`, names.slice(0, KEPT).join("\n"));
}

/** Give out colours to names that have none yet, dearest first. Until this was done everything is drawn in grey. */
export function seedColors(names: Names): void {
  take("model", names.models);
  take("agent", names.agents);
  take("project", names.projects);
  take("provider", names.providers);
  take("source", names.sources);
  seeded += 1;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function slotOf(dimension: string, name: string): number {
  const found = namesOf(dimension).indexOf(name);
  if (found >= 0) return found;
  take(dimension, [name]);
  return namesOf(dimension).indexOf(name);
}

/** `light` or `dark`, whatever was chosen. */
export function useScheme(): "light" | "dark" {
  const { colorScheme } = useMantineColorScheme();
  if (colorScheme !== "auto") return colorScheme;
  return document.documentElement.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light";
}

export function useColors(dimension: string): (name: string | null) => string {
  const scheme = useScheme();
  const round = useSyncExternalStore(subscribe, () => seeded);
  return useCallback(
    (name) => {
      if (round === 0 || name === null || name === "…") return REST[scheme];
      const palette = scheme === "dark" ? DARK : LIGHT;
      return palette[slotOf(dimension, name) % palette.length] ?? REST[scheme];
    },
    [dimension, scheme, round],
  );
}
