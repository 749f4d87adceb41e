import { useEffect } from "react";
import { useLocation } from "wouter";

import { openPalette } from "./Palette";
import { PLACES } from "./places";

const PAUSE_MS = 1_500;

/** Whether keys are for what is under way: a field, or a dialog that would be lost. */
function isBusy(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
      target.closest("[role=dialog]") !== null)
  );
}

/** `/` goes to a page's own search field, or to the palette where there is none. */
function search(): void {
  const field = document.querySelector<HTMLInputElement>("main input[data-search]");
  if (field === null) openPalette();
  else field.select();
}

/** `/` searches, `g` and a letter goes to a page. */
export function useKeys(): void {
  const [, go] = useLocation();
  useEffect(() => {
    let pressedG = -Infinity;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      const place = PLACES.find(({ key }) => key === event.key);
      // When the key was pressed, not when a busy page comes to it.
      if (place !== undefined && event.timeStamp - pressedG < PAUSE_MS) {
        event.preventDefault();
        go(place.path);
      } else if (event.key === "/") {
        event.preventDefault();
        search();
      }
      pressedG = event.key === "g" ? event.timeStamp : -Infinity;
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [go]);
}
