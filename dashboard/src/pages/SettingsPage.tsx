import { Button, SegmentedControl, Select, TextInput, useMantineColorScheme } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";

import { $api, failureOf, queryClient } from "../api/client";
import type { Settings } from "../api/schema";
import { bytes } from "../lib/numbers";
import { useChoice } from "../lib/storage";
import { browserZone } from "../lib/time";
import { useSettings } from "../lib/zone";
import { Head, Panel } from "../ui/Panel";
import { selectText } from "../ui/selectText";
import { Loaded } from "../ui/States";
import { StartFresh } from "./StartFresh";

/** How this page looks, where days begin, which currency stands beside dollars, and beginning anew. */
export default function SettingsPage() {
  const settings = useSettings();
  return (
    <>
      <Head title="Settings" />
      <div className="grid">
        <Panel title="Colours" note="kept in this browser" className="half">
          <Scheme />
        </Panel>
        <Panel title="Time zone" note="where days begin; kept in this browser" className="half">
          <Loaded query={settings} height={60}>
            {(found) => <ZoneChoice settings={found} />}
          </Loaded>
        </Panel>
        <Panel title="Currency" note="shown beside dollars at a fixed rate; dollars stay the truth" className="half">
          <Loaded query={settings} height={90}>
            {(found) => <CurrencyForm key={found.currency?.code} settings={found} />}
          </Loaded>
        </Panel>
        <Panel title="This installation" className="half">
          <Loaded query={settings}>{(found) => <Facts settings={found} />}</Loaded>
        </Panel>
        <Loaded query={settings} height={120}>
          {(found) => <StartFresh phrase={found.resetPhrase} />}
        </Loaded>
      </div>
    </>
  );
}

function Scheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label="Colours"
      data={[
        { value: "auto", label: "As the system" },
        { value: "light", label: "Light" },
        { value: "dark", label: "Dark" },
      ]}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as typeof colorScheme)}
    />
  );
}

function ZoneChoice({ settings }: { settings: Settings }) {
  const [zone, setZone] = useChoice("zone");
  const zones = useMemo(() => [...new Set(["UTC", browserZone(), ...Intl.supportedValuesOf("timeZone")])], []);
  return (
    <Select
      aria-label="Time zone"
      searchable
      onFocus={selectText}
      data={[
        { value: "", label: `As the server: ${settings.timezone}` },
        ...zones.map((name) => ({ value: name, label: name === browserZone() ? `${name} (this browser)` : name })),
      ]}
      value={zone ?? ""}
      allowDeselect={false}
      onChange={(value) => setZone(value || null)}
    />
  );
}

function CurrencyForm({ settings }: { settings: Settings }) {
  const [code, setCode] = useState(settings.currency?.code ?? "");
  const [rate, setRate] = useState(settings.currency?.rate ?? "");
  const save = $api.useMutation("put", "/api/v1/settings/currency", {
    onSuccess: () => void queryClient.invalidateQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ body: { currency: { code: code.trim().toUpperCase(), rate: rate.trim() } } });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextInput
        size="xs"
        label="Code"
        placeholder="EUR"
        maxLength={3}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        label="For one dollar"
        placeholder="0.92"
        inputMode="decimal"
        value={rate}
        onChange={(event) => setRate(event.currentTarget.value)}
      />
      <span className="row">
        <Button
          size="xs"
          type="submit"
          disabled={!/^[A-Za-z]{3}$/.test(code.trim()) || rate.trim() === ""}
          loading={save.isPending}
        >
          Save
        </Button>
        {settings.currency && (
          <Button size="xs" variant="default" onClick={() => save.mutate({ body: { currency: null } })}>
            Dollars only
          </Button>
        )}
      </span>
      {save.isError && <p className="bad small whole">{failureOf(save.error).message}</p>}
    </form>
  );
}

function Facts({ settings }: { settings: Settings }) {
  const rows = [
    ["Version", settings.version],
    ["Ledger", settings.ledger],
    ["Size", settings.ledgerBytes === null ? null : bytes(settings.ledgerBytes)],
    ["Configuration", settings.configPath],
    ["Own prices", settings.priceOverrides],
    ["Price data", settings.priceVersion],
  ] as const;
  return (
    <dl className="pairs in-lines">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="mono">{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}
