import { createSpotlight, Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconEraser, IconListDetails, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useLocation } from "wouter";

import { $api } from "../api/client";
import { useScheme } from "../lib/colors";
import { formatCost } from "../lib/money";
import { moment } from "../lib/time";
import { shortPath, visible } from "../lib/words";
import { useZone } from "../lib/zone";
import { MORE_PLACES, PLACES } from "./places";

const [store, palette] = createSpotlight();

export const openPalette = () => palette.open();

/** Every page, a few actions and any session, a few keys away. */
export function Palette() {
  const [query, setQuery] = useState("");
  const actions = useActions();
  const sessions = useSessions(query.trim());
  const groups = [
    { group: "Pages and actions", actions },
    ...(sessions.length > 0 ? [{ group: "Sessions", actions: sessions }] : []),
  ];
  return (
    <Spotlight
      store={store}
      actions={groups}
      shortcut={["mod + K"]}
      lockScroll={false}
      tagsToIgnore={[]}
      query={query}
      onQueryChange={setQuery}
      clearQueryOnClose
      highlightQuery
      limit={14}
      scrollable
      maxHeight="60vh"
      nothingFound="Nothing found"
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: "Pages, actions, sessions …",
        "aria-label": "Search",
      }}
    />
  );
}

function useActions(): SpotlightActionData[] {
  const [, go] = useLocation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useScheme();
  const pages = [...PLACES, ...MORE_PLACES].map(({ path, label, Icon }) => ({
    id: path,
    label,
    leftSection: <Icon size={17} />,
    onClick: () => go(path),
  }));
  const other = scheme === "dark" ? "light" : "dark";
  return [
    ...pages,
    {
      id: "running",
      label: "Running sessions",
      leftSection: <IconListDetails size={17} />,
      onClick: () => go("/sessions?status=active"),
    },
    {
      id: "dearest",
      label: "Most expensive sessions",
      leftSection: <IconListDetails size={17} />,
      onClick: () => go("/sessions?sort=cost"),
    },
    {
      id: "scheme",
      label: `Switch to ${other} colours`,
      leftSection: other === "dark" ? <IconMoon size={17} /> : <IconSun size={17} />,
      onClick: () => setColorScheme(other),
    },
    {
      id: "fresh",
      label: "Start fresh …",
      leftSection: <IconEraser size={17} />,
      onClick: () => go("/settings#start-fresh"),
    },
  ];
}

function useSessions(typed: string): SpotlightActionData[] {
  const [, go] = useLocation();
  const zone = useZone();
  const [search] = useDebouncedValue(typed, 150);
  const found = $api.useQuery(
    "get",
    "/api/v1/sessions",
    { params: { query: { search, limit: 6 } } },
    { enabled: search.length > 1 },
  );
  if (search.length < 2) return [];
  return (found.data?.sessions ?? []).map((session) => ({
    id: `session-${session.id}`,
    label: visible(session.name),
    description: `${formatCost(session.usage)} · ${moment(session.startTime, zone.shown)} · ${visible(shortPath(session.workingDirectory))}`,
    keywords: [session.workingDirectory, session.branch ?? "", search],
    onClick: () => go(`/sessions/${session.id}`),
  }));
}
