import { useState } from "react";

export interface Dialog<T> {
  opened: boolean;
  /** What it is about; while it closes, what it was about. */
  about: T | null;
  /** How often it was opened: each time its fields begin anew, also while it still closes. */
  times: number;
  open: (about: T) => void;
  close: () => void;
}

/** A dialog that stays mounted while it is closed: only such a one gives the focus back to what opened it. */
export function useDialog<T>(): Dialog<T> {
  const [opened, setOpened] = useState(false);
  const [about, setAbout] = useState<T | null>(null);
  const [times, setTimes] = useState(0);
  return {
    opened,
    about,
    times,
    open: (next) => {
      setAbout(next);
      setTimes(times + 1);
      setOpened(true);
    },
    close: () => setOpened(false),
  };
}
