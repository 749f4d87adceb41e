import { useFilters, useSpan } from "../../lib/url";
import { useZone } from "../../lib/zone";

/** What every insight is asked with. */
export function useAsked() {
  const zone = useZone();
  const span = useSpan("90d");
  const filters = useFilters();
  return { ready: span.ready, query: { zone: zone.asked, since: span.since, until: span.until, ...filters } };
}
