import { $api, SLOW } from "../api/client";

/** What filters can choose from, dearest first. */
export function useNames(enabled = true) {
  return $api.useQuery("get", "/api/v1/usage/names", undefined, { meta: SLOW, staleTime: 30_000, enabled });
}
