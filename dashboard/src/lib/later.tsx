import { type ComponentProps, type ComponentType, lazy } from "react";

/** A part of the program could not be fetched: the server is away, or has become another version. */
export class NotFetched extends Error {}

/** As React types what `lazy` takes. */
type AnyComponent = ComponentType<any>;

const failed = new Set<() => void>();

/** A component that is fetched when it is first shown. Unlike `lazy` alone it can be fetched again after a failure. */
export function later<T extends AnyComponent>(load: () => Promise<{ default: T }>): ComponentType<ComponentProps<T>> {
  const begin = () =>
    lazy(() =>
      load().catch((error: unknown) => {
        failed.add(() => (Fetched = begin()));
        throw new NotFetched(String(error));
      }),
    );
  let Fetched = begin();
  return (props) => <Fetched {...props} />;
}

/** What could not be fetched is asked for anew when it is next shown. */
export function forgetFailures(): void {
  failed.forEach((renew) => renew());
  failed.clear();
}
