import { useCallback, useEffect, useMemo } from "react";
import { useLocation, useSearchParams } from "wouter";

import { useToday } from "./zone";
import { addDays, isDay } from "./time";

/** Every filter, sort and page is in the address, so that a view can be kept, sent and gone back to. */
export type Changes = Record<string, string | readonly string[] | null>;

export interface UrlState {
  get: (name: string) => string | null;
  all: (name: string) => string[];
  /** Changes the address; a changed filter begins at the first page again. */
  set: (changes: Changes, options?: { replace?: boolean }) => void;
}

export function useUrl(): UrlState {
  const [path] = useLocation();
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (changes: Changes, options?: { replace?: boolean }) => {
      // What was typed a moment ago does not lead back to a page that was left.
      if (path !== location.pathname) return;
      setParams((before) => changed(before, changes), { replace: options?.replace ?? false });
    },
    [path, setParams],
  );
  return useMemo(() => ({ get: (name) => params.get(name), all: (name) => params.getAll(name), set }), [params, set]);
}

function changed(before: URLSearchParams, changes: Changes): URLSearchParams {
  const after = new URLSearchParams(before);
  if (!("page" in changes)) after.delete("page");
  for (const [name, value] of Object.entries(changes)) {
    after.delete(name);
    for (const one of value === null ? [] : typeof value === "string" ? [value] : value) after.append(name, one);
  }
  return after;
}

/** One of some words, or the first of them. */
export function oneOf<T extends string>(value: string | null, words: readonly [T, ...T[]]): T {
  return words.find((word) => word === value) ?? words[0];
}

export const RANGES = ["7d", "30d", "90d", "12m", "month", "all", "own"] as const;
export type Range = (typeof RANGES)[number];

export interface Span {
  range: Range;
  since: string | undefined;
  until: string | undefined;
  /** False until the zone, and with it the present day, is known. */
  ready: boolean;
}

/** A day of the address; what is none is no filter. */
function dayIn(text: string | null): string | undefined {
  return text !== null && isDay(text) ? text : undefined;
}

/** The stretch of days of the address: `range`, or `since` and `until`. */
export function useSpan(usual: Range): Span {
  const url = useUrl();
  const today = useToday();
  const since = dayIn(url.get("since"));
  const until = dayIn(url.get("until"));
  if (since !== undefined || until !== undefined) return { range: "own", since, until, ready: true };
  const range = RANGES.find((word) => word === url.get("range")) ?? usual;
  if (range === "all" || range === "own") return { range, since: undefined, until: undefined, ready: true };
  if (today === null) return { range, since: undefined, until: undefined, ready: false };
  return { range, since: firstDay(range, today), until: today, ready: true };
}

function firstDay(range: Range, today: string): string {
  if (range === "month") return `${today.slice(0, 7)}-01`;
  return addDays(today, 1 - { "7d": 7, "30d": 30, "90d": 90, "12m": 365, own: 1, all: 1 }[range]);
}

export const FILTERS = ["project", "agent", "model", "source"] as const;
export type Filter = (typeof FILTERS)[number];

export interface Filters {
  project: string[];
  agent: string[];
  model: string[];
  source: string[];
}

export function useFilters(): Filters {
  const url = useUrl();
  return { project: url.all("project"), agent: url.all("agent"), model: url.all("model"), source: url.all("source") };
}

/** Beyond it nothing is numbered. */
const LAST_PAGE = 1_000_000;

interface Page {
  page: number;
  offset: number;
  toPage: (page: number) => void;
}

/** `page=3` of the address as an offset. */
export function usePage(limit: number): Page {
  const url = useUrl();
  const page = Math.min(LAST_PAGE, Math.max(1, Math.floor(Number(url.get("page") ?? 1)) || 1));
  return { page, offset: (page - 1) * limit, toPage: (next) => url.set(pageChange(next)) };
}

const pageChange = (page: number): Changes => ({ page: page === 1 ? null : String(page) });

/** An address beyond the last page leads there: rows may have gone since it was kept. */
export function useLastPage(limit: number, found: number | undefined): void {
  const { set } = useUrl();
  const { page } = usePage(limit);
  const last = found === undefined ? page : Math.max(1, Math.ceil(found / limit));
  useEffect(() => {
    if (page > last) set(pageChange(last), { replace: true });
  }, [page, last, set]);
}
