import type { ReactNode } from "react";

import type { BudgetState, Call, PeriodCard } from "../api/schema";
import { signedPercent } from "../lib/numbers";

type Tone = "plain" | "good" | "warn" | "bad";

export function Tag({ tone = "plain", children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span className="tag" data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** More spent than before is worth a look, not an alarm: an arrow and a sign, with words for a screen reader. */
export function Change({ card, against }: { card: PeriodCard; against: string }) {
  const { change, lastSoFar } = card;
  if (change === null) return lastSoFar.costPicousd === "0" ? <span>nothing spent {against}</span> : null;
  const flat = Math.abs(change) < 0.005;
  return (
    <span>
      <b className={`num ${flat ? "" : change > 0 ? "warn" : "good"}`}>
        {flat ? "±0%" : `${change > 0 ? "↑" : "↓"} ${signedPercent(change)}`}
      </b>{" "}
      on {against}
    </span>
  );
}

export function Status({ status }: { status: "active" | "completed" }) {
  return status === "active" ? (
    <Tag tone="good">
      <i className="live-dot" data-state="live" />
      running
    </Tag>
  ) : (
    <span className="dim small">completed</span>
  );
}

const COST_WORDS: Record<Call["costStatus"], [string, Tone, string]> = {
  exact: ["exact", "good", "Priced from the reported usage at that day's price"],
  reported: ["reported", "good", "The provider itself said what it cost"],
  list_price: ["list price", "plain", "Priced by the list; the bill may know a discount"],
  lower_bound: ["at least", "warn", "Part of the usage is not known"],
  manual: ["manual", "plain", "Entered by hand"],
  unknown: ["unpriced", "warn", "No known price or no usage"],
};

export function CostStatus({ status }: { status: Call["costStatus"] }) {
  const [word, tone, title] = COST_WORDS[status];
  return (
    <Tag tone={tone} title={title}>
      {word}
    </Tag>
  );
}

const BUDGET_TONES: Record<BudgetState["state"], Tone> = {
  ok: "good",
  warning: "warn",
  exceeded: "bad",
  paused: "plain",
};

export function BudgetTag({ state }: { state: BudgetState["state"] }) {
  return <Tag tone={BUDGET_TONES[state]}>{state === "ok" ? "within" : state}</Tag>;
}

export function Swatch({ color }: { color: string }) {
  return <i className="swatch" style={{ background: color }} aria-hidden="true" />;
}
