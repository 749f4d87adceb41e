import { useEffect } from "react";
import { useLocation } from "wouter";

import { openPalette } from "./Palette";
import { PLACES } from "./places";

const PAUSE_MS = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
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
    let pressedG = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = PLACES.find(({ key }) => key === event.key);
      if (place !== undefined && Date.now() - pressedG < PAUSE_MS) {
        event.preventDefault();
        go(place.path);
      } else if (event.key === "/") {
        event.preventDefault();
        search();
      }
      pressedG = event.key === "g" ? Date.now() : 0;
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [go]);
}
