import { QueryCache, QueryClient } from "@tanstack/react-query";
import createFetch from "openapi-fetch";
import createQueries from "openapi-react-query";

import { said } from "../lib/words";
import { lock } from "./access";
import type { ErrorAnswer, paths } from "./schema";

export const api = createFetch<paths>({ baseUrl: "", credentials: "same-origin" });

/** Typed queries and mutations of every path in openapi.json. */
export const $api = createQueries(api);

export interface Failure {
  code: string;
  message: string;
  hint: string | null;
}

/** Whatever went wrong, in the words of the server where it answered. */
export function failureOf(error: unknown): Failure {
  if (isErrorAnswer(error)) {
    const { code, message, hint } = error.error;
    return { code, message: said(message), hint: hint ? said(hint) : null };
  }
  return {
    code: "unreachable",
    message: "The dashboard's server does not answer.",
    hint: "Is `cs dashboard` still running?",
  };
}

function isErrorAnswer(error: unknown): error is ErrorAnswer {
  return typeof error === "object" && error !== null && "error" in error && typeof error.error === "object";
}

const FINAL = new Set([
  "unauthorized",
  "forbidden",
  "not_found",
  "session_not_found",
  "invalid_input",
  "unknown_model",
  "unavailable",
]);

/** Whether asking again would be answered alike. */
export const isFinal = (failure: Failure) => FINAL.has(failure.code);

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (failureOf(error).code === "unauthorized") lock();
    },
  }),
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && !isFinal(failureOf(error)),
      staleTime: 10_000,
      refetchOnWindowFocus: false,
    },
  },
});

/** For queries that live changes need not refresh at once; see live.ts. */
export const SLOW = { pace: "slow" } as const;
/** For queries that no call changes. */
export const STILL = { pace: "still" } as const;
