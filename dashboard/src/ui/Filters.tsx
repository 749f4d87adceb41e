import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { IconChevronDown, IconX } from "@tabler/icons-react";
import { useState } from "react";

import type { Names } from "../api/schema";
import { FILTERS, type Filter, useFilters, useUrl } from "../lib/url";
import { useNames } from "../lib/names";
import { shortPath, titleOf, visible } from "../lib/words";

const CHOICES: Record<Filter, { label: string; from: keyof Names }> = {
  project: { label: "Project", from: "projects" },
  agent: { label: "Agent", from: "agents" },
  model: { label: "Model", from: "models" },
  source: { label: "Source", from: "sources" },
};

/** Which calls count: every choice is in the address. */
export function FilterBar({ only = FILTERS }: { only?: readonly Filter[] }) {
  const names = useNames();
  const url = useUrl();
  const filters = useFilters();
  const any = only.some((filter) => filters[filter].length > 0);
  return (
    <>
      {only.map((filter) => (
        <FilterMenu
          key={filter}
          label={CHOICES[filter].label}
          choices={names.data?.[CHOICES[filter].from] ?? []}
          chosen={filters[filter]}
          choose={(chosen) => url.set({ [filter]: chosen })}
        />
      ))}
      {any && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconX size={13} />}
          onClick={() => url.set(Object.fromEntries(only.map((filter) => [filter, null])))}
        >
          Clear
        </Button>
      )}
    </>
  );
}

interface Menu {
  label: string;
  choices: readonly string[];
  chosen: readonly string[];
  choose: (chosen: string[]) => void;
}

const SHOWN = 100;

function FilterMenu({ label, choices, chosen, choose }: Menu) {
  const [search, setSearch] = useState("");
  const known = [...new Set([...chosen, ...choices])];
  const found = known.filter((name) => name.toLowerCase().includes(search.toLowerCase())).slice(0, SHOWN);
  const toggle = (name: string) =>
    choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  const [only] = chosen;
  const summary =
    only === undefined ? label : chosen.length === 1 ? visible(shortPath(only)) : `${label}: ${chosen.length}`;
  return (
    <Popover position="bottom-start" shadow="md" width={270} trapFocus returnFocus onClose={() => setSearch("")}>
      <Popover.Target>
        <Button
          size="xs"
          variant={only === undefined ? "default" : "light"}
          rightSection={<IconChevronDown size={13} />}
          aria-label={`Filter by ${label.toLowerCase()}`}
          maw={200}
        >
          {summary}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <div className="stack">
          {known.length > 7 && (
            <TextInput
              size="xs"
              placeholder="Search"
              aria-label={`Search ${label.toLowerCase()}s`}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <ul className="stack-tight choices">
            {found.map((name) => (
              <li key={name}>
                <Checkbox
                  size="xs"
                  label={<bdi>{visible(shortPath(name))}</bdi>}
                  title={titleOf(name)}
                  checked={chosen.includes(name)}
                  onChange={() => toggle(name)}
                />
              </li>
            ))}
            {found.length === 0 && <li className="small dim">Nothing found</li>}
          </ul>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
