import { Tooltip } from "@mantine/core";
import type { ComponentPropsWithRef, CSSProperties } from "react";

import { exactUsd, formatCost, formatUsd, inCurrency, type Priced } from "../lib/money";
import { counted } from "../lib/numbers";
import { useSettings } from "../lib/zone";

/** The cost of some calls; the tip has every digit and says what is not in it. */
export function Cost({ usage, none = "–", beside = false }: { usage: Priced; none?: string; beside?: boolean }) {
  const text = formatCost(usage, none);
  const notes = [
    usage.costPicousd === null ? null : exactUsd(usage.costPicousd),
    usage.unpricedCalls > 0 ? `${counted(usage.unpricedCalls, "call")} without a known price` : null,
    usage.lowerBoundCalls > 0 ? `${counted(usage.lowerBoundCalls, "call")} known in part` : null,
    usage.listPriceCalls > 0 ? `${counted(usage.listPriceCalls, "call")} at list price` : null,
  ].filter((note) => note !== null);
  const amount = <Fitted text={text} className={usage.costPicousd === null && usage.calls > 0 ? "warn" : ""} />;
  if (usage.calls === 0) return amount;
  return (
    <>
      <Tooltip label={notes.join(" · ")} openDelay={300}>
        {amount}
      </Tooltip>
      {beside && usage.costUsd !== null && <Beside usd={usage.costUsd} />}
    </>
  );
}

/** A figure that is not broken; a key figure grows smaller where its card has no room for all its letters. */
export function Fitted({ text, className = "", ...others }: { text: string } & ComponentPropsWithRef<"span">) {
  return (
    <span {...others} className={`num ${className}`} style={{ "--letters": text.length } as CSSProperties}>
      {text}
    </span>
  );
}

/** An amount that the API gives as a number. */
export function Usd({ value }: { value: number | null | undefined }) {
  return <span className="num">{value === null || value === undefined ? "–" : formatUsd(value)}</span>;
}

/** The same in the currency of the settings, if there is one. */
export function Beside({ usd }: { usd: number }) {
  const currency = useSettings().data?.currency;
  return currency ? <span className="dim small num"> ≈ {inCurrency(usd, currency)}</span> : null;
}
