import { Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { failureOf, isFinal } from "../api/client";
import { Prose } from "./Prose";

interface Loadable<T> {
  query: Pick<UseQueryResult<T, unknown>, "data" | "error" | "isError" | "refetch">;
  /** What takes its place while it loads, in pixels. */
  height?: number;
  children: (data: T) => ReactNode;
}

/** What a query found, or why there is nothing; old figures stay while new ones are asked for. */
export function Loaded<T>({ query, height = 180, children }: Loadable<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton height={height} radius="md" aria-label="Loading" role="status" />;
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const failure = failureOf(error);
  return (
    <div className="state" role="alert">
      <h3 className="sentence">
        <Prose>{failure.message}</Prose>
      </h3>
      {failure.hint && (
        <p className="sentence">
          <Prose>{failure.hint}</Prose>
        </p>
      )}
      {retry && !isFinal(failure) && (
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Nothing there yet, and what to type so that there is. */
export function Empty({ title, children, command }: { title: string; children?: ReactNode; command?: string }) {
  return (
    <div className="state">
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {command && <code className="command">{command}</code>}
    </div>
  );
}
