/**
 * Money as the commands print it. Amounts are exact: pico-dollars (1e-12 USD) as bigint, rounded half to even, and only
 * for display. Where the API gives the exact text (`costPicousd`) it is used; its numbers are rounded to 1e-10 already.
 */

const PICO = 10n ** 12n;

export interface Priced {
  calls: number;
  unpricedCalls: number;
  lowerBoundCalls: number;
  listPriceCalls: number;
  costUsd: number | null;
  costPicousd: string | null;
  costStatus: "complete" | "lower_bound" | "unknown";
}

/** Dollars of the API (a number with at most ten digits behind the point) as pico-dollars. */
export function picoOf(usd: number): bigint {
  return BigInt(Math.round(usd * 1e10)) * 100n;
}

function rounded(pico: bigint, digits: number): string {
  if (digits > 12) return fixed(pico * 10n ** BigInt(digits - 12), digits);
  const unit = 10n ** BigInt(12 - digits);
  const floor = pico / unit;
  const rest = (pico % unit) * 2n;
  const up = rest > unit || (rest === unit && floor % 2n === 1n);
  return fixed(up ? floor + 1n : floor, digits);
}

function fixed(scaled: bigint, digits: number): string {
  const text = scaled.toString().padStart(digits + 1, "0");
  const whole = text.slice(0, -digits).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${text.slice(-digits)}`;
}

/** Cents from one dollar up, more digits below, so that no spending looks like none. */
export function formatPico(pico: bigint): string {
  const sign = pico < 0n ? "-" : "";
  const value = pico < 0n ? -pico : pico;
  if (value === 0n || value >= PICO) return `${sign}$${rounded(value, 2)}`;
  if (value >= PICO / 100n) return `${sign}$${rounded(value, 4)}`;
  return `${sign}$${rounded(value, 14 - value.toString().length)}`;
}

export function formatUsd(usd: number | null | undefined): string {
  return usd === null || usd === undefined ? "unpriced" : formatPico(picoOf(usd));
}

/** A difference with its sign: `+$1.20`, `−$0.35` */
export function signedUsd(usd: number): string {
  return `${usd < 0 ? "−" : "+"}${formatUsd(Math.abs(usd))}`;
}

/** An amount, with `≥` where more was spent than is known. */
export function formatBound(usd: number | null, isLowerBound: boolean): string {
  return usd !== null && isLowerBound ? `≥ ${formatUsd(usd)}` : formatUsd(usd);
}

/** A session's cost per hour, known as far as its cost is. */
export function hourly(session: { costPerHourUsd: number | null; usage: Priced }): string {
  return session.costPerHourUsd === null
    ? "–"
    : formatBound(session.costPerHourUsd, session.usage.costStatus === "lower_bound");
}

/** What some calls cost: `≥` where more was spent than is known, `unpriced` where nothing is known. */
export function formatCost(usage: Priced, none = "$0.00"): string {
  if (usage.calls === 0) return none;
  if (usage.costPicousd === null) return "unpriced";
  const amount = formatPico(BigInt(usage.costPicousd));
  return usage.costStatus === "lower_bound" ? `≥ ${amount}` : amount;
}

/** What some calls cost, where that is known whole. */
export function wholeUsd(usage: Priced): number | null {
  return usage.costStatus === "complete" ? usage.costUsd : null;
}

/** Every digit that is known. */
export function exactUsd(pico: string): string {
  const value = BigInt(pico);
  const text = fixed(value < 0n ? -value : value, 12).replace(/0{1,10}$/, "");
  return `${value < 0n ? "-" : ""}$${text}`;
}

/** A price per million tokens: at least cents, and every digit that it has. */
export function rateText(decimal: string): string {
  const [whole = "0", rest = ""] = decimal.split(".");
  return `$${whole}.${rest.padEnd(2, "0")}`;
}

function trimmed(text: string): string {
  return text.replace(/\.?0+$/, "");
}

/** Dollars as one types them: `1250.5` */
export function typedUsd(pico: bigint): string {
  return trimmed(fixed(pico, 12).replaceAll(",", ""));
}

/** Dollars in another currency at the fixed rate of the settings, for orientation beside dollars, with as many digits. */
export function inCurrency(usd: number, currency: { code: string; rate: string }): string {
  const symbol = symbolOf(currency.code);
  const amount = formatPico(picoOf(usd * Number(currency.rate)));
  return amount.replace("$", /[A-Z]$/i.test(symbol) ? `${symbol} ` : symbol);
}

function symbolOf(code: string): string {
  try {
    const parts = new Intl.NumberFormat("en-US", { style: "currency", currency: code }).formatToParts(0);
    return parts.find((part) => part.type === "currency")?.value ?? code;
  } catch {
    // A code that this browser does not know.
    return code;
  }
}
