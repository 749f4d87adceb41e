import { $api, STILL } from "../api/client";
import { useChoice } from "./storage";
import { browserZone, dayOf, isZone } from "./time";

export interface Zone {
  /** What the API is asked with; undefined leaves it to the server. */
  asked: string | undefined;
  /** What times are shown in. */
  shown: string;
}

export function useSettings() {
  return $api.useQuery("get", "/api/v1/settings", undefined, { staleTime: 60_000, meta: STILL });
}

/** The zone of the settings page, else the server's own: then page and commands cut days alike. */
export function useZone(): Zone {
  const [chosen] = useChoice("zone");
  const settings = useSettings();
  const asked = chosen ?? undefined;
  const named = asked ?? settings.data?.timezone;
  return { asked, shown: named !== undefined && isZone(named) ? named : browserZone() };
}

/** The present day where days are cut; null until that is known. */
export function useToday(): string | null {
  const [chosen] = useChoice("zone");
  const settings = useSettings();
  const zone = useZone();
  return chosen === null && settings.data === undefined ? null : dayOf(new Date(), zone.shown);
}
