import { useEffect } from "react";

import { titleOf } from "./words";

/** The window's title, by which tabs and history are told apart. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${titleOf(title)} · codesession`;
  }, [title]);
}
