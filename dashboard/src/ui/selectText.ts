import type { FocusEvent } from "react";

/** What is typed replaces the present choice instead of being put behind it. */
export function selectText({ currentTarget: field }: FocusEvent<HTMLInputElement>): void {
  // After the click that gave it the focus has put its cursor somewhere.
  requestAnimationFrame(() => field.select());
}
