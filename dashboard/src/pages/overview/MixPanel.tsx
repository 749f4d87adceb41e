import { keepPreviousData } from "@tanstack/react-query";

import { $api } from "../../api/client";
import { formatUsd } from "../../lib/money";
import { compact, percent } from "../../lib/numbers";
import { useFilters, useSpan } from "../../lib/url";
import { useZone } from "../../lib/zone";
import { TokenMix } from "../../ui/Bars";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";

/** What the tokens were, and what caching did, over the chosen time. */
export function MixPanel({ className }: { className?: string }) {
  const span = useSpan("30d");
  const filters = useFilters();
  const zone = useZone();
  const params = { params: { query: { zone: zone.asked, since: span.since, until: span.until, ...filters } } };
  const options = { enabled: span.ready, placeholderData: keepPreviousData };
  const usage = $api.useQuery("get", "/api/v1/usage", params, options);
  const cache = $api.useQuery("get", "/api/v1/usage/cache", params, options);
  return (
    <Panel
      title="Tokens"
      className={className}
      note={usage.data && <span className="num">{compact(usage.data.usage.totalTokens)} in all</span>}
    >
      <Loaded query={usage}>
        {({ usage: found }) =>
          found.totalTokens === 0 ? <Empty title="No tokens in this time" /> : <TokenMix usage={found} />
        }
      </Loaded>
      <Loaded query={cache} height={64}>
        {(found) => (
          <dl className="facts">
            <div>
              <dt>Saved by caching</dt>
              <dd className="num">{found.savedUsd === null ? "–" : formatUsd(found.savedUsd)}</dd>
            </div>
            <div>
              <dt>Read from cache</dt>
              <dd className="num">{percent(found.cacheHitRate)}</dd>
            </div>
          </dl>
        )}
      </Loaded>
      {cache.data && cache.data.uncoveredTokens > 0 && (
        <p className="panel-note">
          {compact(cache.data.uncoveredTokens)} cache tokens belong to models without a known cache price; they are not
          in the saving.
        </p>
      )}
    </Panel>
  );
}
