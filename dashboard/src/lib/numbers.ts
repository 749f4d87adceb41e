/** Numbers as the commands print them. */

const UNITS: readonly [number, string][] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

/** `950`, `16.5K`, `1.2M`: enough digits to compare, few enough to read. */
export function compact(value: number): string {
  if (value < 10_000) return grouped(value);
  // Rounded up to a thousand it is one of the next unit.
  const [size, unit] = UNITS.find(([least]) => value >= least * 0.99995) ?? [1, ""];
  return `${(value / size).toLocaleString("en-US", { maximumFractionDigits: 1 })}${unit}`;
}

/** A tick of an axis with all its digits; three at most, because axes are cut in round steps. */
export function tick(value: number): string {
  const [size, unit] = value < 10_000 ? [1, ""] : (UNITS.find(([least]) => value >= least) ?? [1, ""]);
  const digits = Number((value / size).toPrecision(3));
  return `${digits.toLocaleString("en-US", { maximumFractionDigits: 12 })}${unit}`;
}

export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 file`, `2 files` */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}

const LITTLE = "<0.1%";

/** A share as percent: one digit below ten, `<0.1%` for little, a dash for unknown. */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return "–";
  const value = ratio * 100;
  if (value > 0 && value < 0.1) return LITTLE;
  return `${Math.abs(value) < 10 ? value.toFixed(1).replace(/\.0$/, "") : grouped(Math.round(value))}%`;
}

/** A share of some cost: what is rounded away, by the API too, is little and not nothing. */
export function shareOf(usage: { costUsd: number | null }, share: number | null): string {
  return share === 0 && usage.costUsd !== null && usage.costUsd > 0 ? LITTLE : percent(share);
}

/** A change as percent with its sign. */
export function signedPercent(change: number): string {
  const value = Math.round(Math.abs(change) * 100);
  const shown = value >= 1000 ? `${grouped(Math.round(value / 100))}×` : `${value}%`;
  return `${change < 0 ? "−" : "+"}${shown}`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const power = Math.min(4, Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** power).toFixed(1)} ${["B", "KB", "MB", "GB", "TB"][power]}`;
}
