import { Autocomplete, Checkbox, Modal, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { $api, queryClient } from "../../api/client";
import type { BudgetState, SetBudget } from "../../api/schema";
import { budgetTitle } from "../../lib/budgets";
import type { Dialog } from "../../lib/dialog";
import { picoOf, typedUsd } from "../../lib/money";
import { useNames } from "../../lib/names";
import { visible } from "../../lib/words";
import { FormEnd } from "../../ui/FormEnd";

const SCOPES = [
  { value: "global", label: "Everything" },
  { value: "project", label: "One project" },
  { value: "session", label: "Every session on its own" },
];
const PERIODS = [
  { value: "month", label: "Month" },
  { value: "week", label: "Week" },
  { value: "day", label: "Day" },
  { value: "total", label: "In all" },
];
const ACTIONS = [
  { value: "warn", label: "Warn" },
  { value: "stop", label: "Stop before it goes over" },
];

interface Draft {
  limit: string;
  scope: BudgetState["scope"];
  project: string;
  agent: string;
  period: BudgetState["period"];
  name: string;
  warn: string;
  action: BudgetState["action"];
  strict: boolean;
}

const NEW: Draft = {
  limit: "",
  scope: "global",
  project: "",
  agent: "",
  period: "month",
  name: "",
  warn: "50, 80, 95",
  action: "warn",
  strict: false,
};

function draftOf(budget: BudgetState): Draft {
  return {
    limit: typedUsd(picoOf(budget.limitUsd) - picoOf(budget.extraUsd)),
    scope: budget.scope,
    project: budget.project ?? "",
    agent: budget.agent ?? "",
    period: budget.period,
    name: budget.name ?? "",
    warn: budget.warnPercents.join(", "),
    action: budget.action,
    strict: budget.strict,
  };
}

function bodyOf(draft: Draft, edited: BudgetState | null): SetBudget {
  return {
    limitUsd: draft.limit.trim(),
    scope: draft.scope,
    sessionId: edited?.sessionId ?? null,
    project: draft.scope === "project" ? draft.project : null,
    agent: draft.agent || null,
    period: draft.period,
    name: draft.name || null,
    warnPercents: percents(draft.warn) ?? [],
    action: draft.action,
    strict: draft.strict,
  };
}

/** `50, 80` as numbers; null when one of them is none from 1 to 100. */
function percents(text: string): number[] | null {
  const found = text
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(Number);
  return found.every((value) => Number.isInteger(value) && value >= 1 && value <= 100) ? found : null;
}

/** Set a budget; of an existing one what it is about stays, and limit and rules change. */
export function BudgetForm({ dialog }: { dialog: Dialog<BudgetState | "new"> }) {
  const { opened, about, times, close } = dialog;
  const edited = about === "new" ? null : about;
  const title = edited === null ? "New budget" : `Change ${visible(budgetTitle(edited))}`;
  return (
    <Modal opened={opened} onClose={close} title={title} size="lg" centered>
      <Fields key={times} edited={edited} close={close} />
    </Modal>
  );
}

function Fields({ edited, close }: { edited: BudgetState | null; close: () => void }) {
  const [draft, setDraft] = useState(edited === null ? NEW : draftOf(edited));
  const change = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  const names = useNames();
  const save = $api.useMutation("put", "/api/v1/budgets", {
    onSuccess: () => {
      close();
      void queryClient.invalidateQueries();
    },
  });
  const wrongWarn = percents(draft.warn) === null;
  const incomplete = draft.limit.trim() === "" || wrongWarn || (draft.scope === "project" && draft.project === "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ body: bodyOf(draft, edited) });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextInput
        label="Limit in dollars"
        inputMode="decimal"
        data-autofocus
        value={draft.limit}
        onChange={(event) => change({ limit: event.currentTarget.value })}
      />
      <Select
        label="Period"
        data={PERIODS}
        value={draft.period}
        disabled={edited !== null}
        allowDeselect={false}
        onChange={(period) => change({ period: (period ?? "month") as Draft["period"] })}
      />
      <Select
        label="Scope"
        data={SCOPES}
        value={draft.scope}
        disabled={edited !== null}
        allowDeselect={false}
        onChange={(scope) => change({ scope: (scope ?? "global") as Draft["scope"] })}
      />
      {draft.scope === "project" && (
        <Autocomplete
          label="Project"
          data={names.data?.projects ?? []}
          value={draft.project}
          disabled={edited !== null}
          onChange={(project) => change({ project })}
        />
      )}
      <Autocomplete
        label="Only agent"
        placeholder="any"
        data={names.data?.agents ?? []}
        value={draft.agent}
        disabled={edited !== null}
        onChange={(agent) => change({ agent })}
      />
      <TextInput
        label="Name"
        placeholder="optional"
        value={draft.name}
        disabled={edited !== null}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Warn at percent"
        value={draft.warn}
        error={wrongWarn ? "whole numbers from 1 to 100" : undefined}
        onChange={(event) => change({ warn: event.currentTarget.value })}
      />
      <Select
        label="At the limit"
        data={ACTIONS}
        value={draft.action}
        allowDeselect={false}
        onChange={(action) => change({ action: (action ?? "warn") as Draft["action"] })}
      />
      {draft.action === "stop" && (
        <Checkbox
          className="whole"
          label="Strict: also stop calls whose highest possible cost does not fit"
          checked={draft.strict}
          onChange={(event) => change({ strict: event.currentTarget.checked })}
        />
      )}
      <FormEnd save={save} incomplete={incomplete} close={close} />
    </form>
  );
}
