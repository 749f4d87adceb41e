import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { $api, failureOf, queryClient } from "../../api/client";
import type { AlertRule, NewAlertRule } from "../../api/schema";
import { formatUsd } from "../../lib/money";
import { titleOf } from "../../lib/words";
import { Given } from "../../ui/Given";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";

type Kind = AlertRule["kind"];

const KINDS: { value: Kind; label: string; field: string; hint: string }[] = [
  { value: "rate", label: "Spending rate", field: "Dollars per hour", hint: "5" },
  { value: "jump", label: "Unusual day", field: "Percent of a usual day", hint: "150" },
  { value: "notify", label: "Tell an address", field: "Apprise URL", hint: "mailto://… or slack://…" },
];

/** What somebody wants to be told beside the warn levels of budgets. */
export function RulesPanel({ className }: { className?: string }) {
  const rules = $api.useQuery("get", "/api/v1/alerts/rules");
  const remove = $api.useMutation("delete", "/api/v1/alerts/rules/{rule_id}", {
    onSuccess: () => void queryClient.invalidateQueries(),
  });
  return (
    <Panel title="Alert rules" className={className}>
      <Loaded query={rules} height={90}>
        {({ rules: rows }) =>
          rows.length === 0 ? (
            <Empty title="No rule yet">Be told when spending runs fast, or when a day is unlike the others.</Empty>
          ) : (
            <ul className="list">
              {rows.map((rule) => (
                <li key={rule.id} className="spread small">
                  <Given name={words(rule)} />
                  <ActionIcon
                    size="sm"
                    variant="subtle"
                    color="red"
                    aria-label={`Remove: ${titleOf(words(rule))}`}
                    onClick={() => remove.mutate({ params: { path: { rule_id: rule.id } } })}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {remove.isError && <p className="bad small">{failureOf(remove.error).message}</p>}
      <NewRule />
    </Panel>
  );
}

function words(rule: AlertRule): string {
  const where = rule.project ? ` in ${rule.project}` : "";
  if (rule.kind === "rate") return `More than ${formatUsd(rule.limitUsd)} per hour${where}`;
  if (rule.kind === "jump") return `A day over ${rule.percent}% of the usual${where}`;
  return `Tell ${rule.target}`;
}

function NewRule() {
  const [kind, setKind] = useState<Kind>("rate");
  const [value, setValue] = useState("");
  const chosen = KINDS.find((one) => one.value === kind)!;
  const add = $api.useMutation("post", "/api/v1/alerts/rules", {
    onSuccess: () => {
      setValue("");
      void queryClient.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ body: bodyOf(kind, value.trim()) });
  };
  return (
    <form className="form" onSubmit={submit} aria-label="New rule">
      <Select
        size="xs"
        label="New rule"
        data={KINDS.map(({ value: name, label }) => ({ value: name, label }))}
        value={kind}
        allowDeselect={false}
        onChange={(next) => setKind((next ?? "rate") as Kind)}
      />
      <TextInput
        size="xs"
        label={chosen.field}
        placeholder={chosen.hint}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <Button
        size="xs"
        type="submit"
        disabled={value.trim() === "" || (kind === "jump" && !/^\d+$/.test(value.trim()))}
        loading={add.isPending}
      >
        Add rule
      </Button>
      {add.isError && <p className="bad small whole">{failureOf(add.error).message}</p>}
    </form>
  );
}

function bodyOf(kind: Kind, value: string): NewAlertRule {
  if (kind === "rate") return { kind, limitUsd: value };
  if (kind === "jump") return { kind, percent: Number(value) };
  return { kind, url: value };
}
