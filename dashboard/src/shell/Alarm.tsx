import { notifications } from "@mantine/notifications";
import { useEffect } from "react";

import { $api } from "../api/client";
import type { Breach } from "../api/schema";
import { readChoice, useChoice, writeChoice } from "../lib/storage";
import { said } from "../lib/words";
import { armSound, ring } from "./alarmSound";

/** `on` or nothing: what this browser does beside showing a breach on the page. */
export const ALARM = { sound: "alarm.sound", notify: "alarm.notify" } as const;
const SEEN = "alarm.seen";

/**
 * Tells of breaches that are new. What was there when this browser first looked is history; what one tab told of, the
 * others do not repeat, because the last breach told of is kept for all of them.
 */
export function Alarm() {
  const [sound] = useChoice(ALARM.sound);
  const breaches = $api.useQuery("get", "/api/v1/alerts/breaches", { params: { query: { limit: 20 } } });
  const newest = breaches.data?.breaches;
  useEffect(() => {
    if (newest !== undefined) tell(newest);
  }, [newest]);
  useEffect(() => {
    if (sound !== "on") return undefined;
    window.addEventListener("pointerdown", armSound, { once: true });
    window.addEventListener("keydown", armSound, { once: true });
    return () => {
      window.removeEventListener("pointerdown", armSound);
      window.removeEventListener("keydown", armSound);
    };
  }, [sound]);
  return null;
}

function tell(breaches: Breach[]): void {
  const seen = readChoice(SEEN);
  const last = Math.max(0, ...breaches.map((breach) => breach.id));
  if (seen !== null && last <= Number(seen)) {
    // After a fresh start the numbers begin again.
    if (last < Number(seen)) writeChoice(SEEN, String(last));
    return;
  }
  writeChoice(SEEN, String(last));
  if (seen === null) return;
  const fresh = breaches.filter((breach) => breach.id > Number(seen) && breach.endedAt === null);
  if (fresh.length === 0) return;
  fresh.forEach((breach) =>
    notifications.show({
      id: `breach-${breach.id}`,
      title: "Budget alert",
      message: said(breach.message),
      color: "red",
      autoClose: 15_000,
    }),
  );
  if (readChoice(ALARM.sound) === "on") ring();
  if (readChoice(ALARM.notify) === "on" && "Notification" in window && Notification.permission === "granted")
    fresh.forEach(
      (breach) => new Notification("codesession", { body: said(breach.message), tag: `breach-${breach.id}` }),
    );
}
