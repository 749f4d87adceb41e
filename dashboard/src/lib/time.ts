/** Times for people, always in the zone that the figures are cut in. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
    formats.set(key, found);
  }
  return found;
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether this browser knows a zone by that name. */
export function isZone(name: string): boolean {
  try {
    format(name, {});
    return true;
  } catch {
    // RangeError: no such zone.
    return false;
  }
}

/** `21 Nov, 14:05` */
export function moment(iso: string, zone: string): string {
  return format(zone, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

/** `21 Nov 2026, 14:05:09` */
export function fullMoment(iso: string, zone: string): string {
  return format(zone, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso));
}

/** `14:05:09` */
export function clock(iso: string, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso));
}

/** The date of a moment in a zone, `YYYY-MM-DD`. */
export function dayOf(date: Date, zone: string): string {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(date);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** `21 Nov` */
export function shortDay(day: string): string {
  return format("UTC", { day: "numeric", month: "short" }).format(new Date(`${day}T00:00:00Z`));
}

/** `just now`, `5m ago`, `3d ago` */
export function ago(iso: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}
