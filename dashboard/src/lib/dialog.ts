import { useState } from "react";

export interface Dialog<T> {
  opened: boolean;
  /** What it is about; while it closes, what it was about. */
  about: T | null;
  open: (about: T) => void;
  close: () => void;
}

/** A dialog that stays mounted while it is closed: only such a one gives the focus back to what opened it. */
export function useDialog<T>(): Dialog<T> {
  const [opened, setOpened] = useState(false);
  const [about, setAbout] = useState<T | null>(null);
  return {
    opened,
    about,
    open: (next) => {
      setAbout(next);
      setOpened(true);
    },
    close: () => setOpened(false),
  };
}
