import { Fragment } from "react";

/** What the server says, with what stands between backticks as code. */
export function Prose({ children }: { children: string }) {
  return children
    .split("`")
    .map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : <Fragment key={at}>{part}</Fragment>));
}
