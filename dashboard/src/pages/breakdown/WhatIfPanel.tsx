import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { $api, SLOW } from "../../api/client";
import type { BreakdownRow, WhatIf } from "../../api/schema";
import { formatUsd, signedUsd } from "../../lib/money";
import { counted, signedPercent } from "../../lib/numbers";
import { useFilters, useSpan, useUrl } from "../../lib/url";
import { said } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { Cost } from "../../ui/Money";
import { Panel } from "../../ui/Panel";
import { selectText } from "../../ui/selectText";
import { Empty, Failed } from "../../ui/States";

const SEPARATOR = " / ";

/** The same calls at another model's prices; both choices are in the address. */
export function WhatIfPanel({ rows }: { rows: readonly BreakdownRow[] }) {
  const url = useUrl();
  const from = url.get("what");
  const to = url.get("if");
  const own = rows.filter((row) => row.label !== null).map((row) => key(row.provider, row.label ?? ""));
  return (
    <Panel title="What if" note="The same calls at another model's prices">
      <div className="row-wrap">
        <Select
          size="xs"
          w={270}
          label="Calls of"
          placeholder="A model you used"
          searchable
          onFocus={selectText}
          clearable
          data={[...new Set([...own, ...(from ? [from] : [])])]}
          value={from}
          onChange={(what) => url.set({ what })}
        />
        <Target value={to} choose={(target) => url.set({ if: target })} />
      </div>
      {from && to ? (
        <Outcome from={from} to={to} />
      ) : (
        <Empty title="Choose two models">
          Then this shows what the calls of one would have cost at the prices of the other.
        </Empty>
      )}
    </Panel>
  );
}

const key = (provider: string | null, model: string) => (provider === null ? model : `${provider}${SEPARATOR}${model}`);

function parted(text: string): { provider: string | undefined; model: string } {
  const at = text.indexOf(SEPARATOR);
  return at < 0
    ? { provider: undefined, model: text }
    : { provider: text.slice(0, at), model: text.slice(at + SEPARATOR.length) };
}

function Target({ value, choose }: { value: string | null; choose: (target: string | null) => void }) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed, 200);
  const prices = $api.useQuery(
    "get",
    "/api/v1/prices",
    { params: { query: { search: search === value ? undefined : search || undefined, limit: 100 } } },
    { meta: SLOW },
  );
  const found = (prices.data?.prices ?? []).map((price) => key(price.provider, price.model));
  return (
    <Select
      size="xs"
      w={270}
      label="At the prices of"
      placeholder="Any model"
      searchable
      onFocus={selectText}
      clearable
      data={[...new Set([...(value ? [value] : []), ...found])]}
      value={value}
      onSearchChange={setTyped}
      onChange={choose}
    />
  );
}

function Outcome({ from, to }: { from: string; to: string }) {
  const zone = useZone();
  const span = useSpan("30d");
  const { project, agent, source } = useFilters();
  const [own, target] = [parted(from), parted(to)];
  const answer = $api.useQuery(
    "get",
    "/api/v1/usage/what-if",
    {
      params: {
        query: {
          zone: zone.asked,
          since: span.since,
          until: span.until,
          project,
          agent,
          source,
          modelName: own.model,
          providerName: own.provider,
          targetModel: target.model,
          targetProvider: target.provider,
        },
      },
    },
    { enabled: span.ready, meta: SLOW },
  );
  if (answer.isError) return <Failed error={answer.error} />;
  return answer.data ? <Figures found={answer.data} /> : null;
}

function Figures({ found }: { found: WhatIf }) {
  const { ownListUsd, targetUsd, differenceUsd } = found;
  const ratio = ownListUsd ? (differenceUsd ?? 0) / ownListUsd : null;
  return (
    <>
      <dl className="facts">
        <div>
          <dt>{counted(found.usage.calls, "call")} cost</dt>
          <dd className="num">
            <Cost usage={found.usage} />
          </dd>
        </div>
        <div>
          <dt>At {said(found.model)}'s list prices</dt>
          <dd className="num">{ownListUsd === null ? "unpriced" : formatUsd(ownListUsd)}</dd>
        </div>
        <div>
          <dt>At {said(found.targetModel)}'s</dt>
          <dd className="num">{formatUsd(targetUsd)}</dd>
        </div>
        <div>
          <dt>Difference</dt>
          <dd className={`num ${(differenceUsd ?? 0) > 0 ? "warn" : "good"}`}>
            {differenceUsd === null
              ? "–"
              : `${signedUsd(differenceUsd)}${ratio === null ? "" : ` (${signedPercent(ratio)})`}`}
          </dd>
        </div>
      </dl>
      <p className="panel-note">An estimate: {found.basis}.</p>
    </>
  );
}
