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

/** A year is said where it is not the present one. */
function yearOf(date: Date, zone: string): { year?: "numeric" } {
  return dayOf(date, zone).slice(0, 4) === dayOf(new Date(), zone).slice(0, 4) ? {} : { year: "numeric" };
}

/** `21 Nov, 14:05`, in another year `21 Nov 2025, 14:05` */
export function moment(iso: string, zone: string): string {
  const date = new Date(iso);
  const day = { day: "numeric", month: "short", ...yearOf(date, zone) } as const;
  return format(zone, { ...day, hour: "2-digit", minute: "2-digit" }).format(date);
}

/** `14:05:09` today, `21 Nov, 14:05` before */
export function clockOrDay(iso: string, zone: string): string {
  return dayOf(new Date(iso), zone) === dayOf(new Date(), zone) ? clock(iso, zone) : moment(iso, zone);
}

/** The day of a moment in a list, where it is another one than that of the moment before: a time alone would not say when. */
export function newDay(iso: string, before: string | undefined, zone: string): string | null {
  const day = dayOf(new Date(iso), zone);
  return before !== undefined && dayOf(new Date(before), zone) === day ? null : shortDay(day);
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

/** Whether a text is a day that there is, as the API takes it: an address can say anything. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return (
    /^(19[7-9]|[2-9]\d\d)\d-\d\d-\d\d$/.test(text) && !isNaN(date.getTime()) && date.toISOString().startsWith(text)
  );
}

export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** `21 Nov`, in another year `21 Nov 2025` */
export function shortDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return format("UTC", { day: "numeric", month: "short", ...yearOf(date, "UTC") }).format(date);
}

/** `just now`, `5m ago`, `3d ago` */
export function ago(iso: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}
