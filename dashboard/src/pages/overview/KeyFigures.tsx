import { Link } from "wouter";

import type { Overview, PeriodCard } from "../../api/schema";
import { formatCost, formatUsd } from "../../lib/money";
import { counted, grouped, percent } from "../../lib/numbers";
import { Change } from "../../ui/Marks";
import { Beside, Cost } from "../../ui/Money";
import { Kpi } from "../../ui/Panel";

/** The first row: three periods, what caching saved, what is not known. */
export function KeyFigures({ overview }: { overview: Overview }) {
  const { cache } = overview;
  return (
    <div className="kpis">
      <Period label="Today" card={overview.today} last="yesterday" />
      <Period label="This week" card={overview.week} last="last week" />
      <Period label="This month" card={overview.month} last="last month" />
      <Kpi
        label="Saved by caching"
        aside="this month"
        value={cache.savedUsd === null ? "–" : formatUsd(cache.savedUsd)}
      >
        <span>
          {cache.cacheHitRate === null ? (
            "no prompts yet"
          ) : (
            <>
              <b className="num">{percent(cache.cacheHitRate)}</b> of prompts read from cache
            </>
          )}
        </span>
      </Kpi>
      <Unknown card={overview.month} />
    </div>
  );
}

function Period({ label, card, last }: { label: string; card: PeriodCard; last: string }) {
  return (
    <Kpi
      label={label}
      aside={<span className="num">{counted(card.current.calls, "call")}</span>}
      value={<Cost usage={card.current} none="$0.00" />}
    >
      <Change card={card} against={card.last.calls > 0 ? `${last} so far` : last} />
      {card.last.calls > 0 && (
        <span title={`The whole of ${last}`}>
          {last} <span className="num">{formatCost(card.last)}</span>
        </span>
      )}
      {card.current.costUsd !== null && <Beside usd={card.current.costUsd} />}
    </Kpi>
  );
}

/** How far the month's figure can be trusted. */
function Unknown({ card }: { card: PeriodCard }) {
  const { unpricedCalls, lowerBoundCalls, listPriceCalls, calls } = card.current;
  const doubtful = unpricedCalls + lowerBoundCalls + listPriceCalls;
  return (
    <Kpi
      label="Not fully known"
      aside="this month"
      value={<span className={doubtful > 0 ? "warn" : undefined}>{grouped(doubtful)}</span>}
    >
      {doubtful === 0 ? (
        <span>{calls === 0 ? "no calls yet" : "every call has its exact cost"}</span>
      ) : (
        <>
          <Link href="/models?range=month">{grouped(unpricedCalls)} unpriced</Link>
          <span>{grouped(lowerBoundCalls)} a lower bound</span>
          <span>{grouped(listPriceCalls)} at list price</span>
        </>
      )}
    </Kpi>
  );
}
