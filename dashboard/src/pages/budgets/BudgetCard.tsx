import { Button, Popover, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";

import { $api, failureOf, queryClient } from "../../api/client";
import type { BudgetState } from "../../api/schema";
import { budgetSpent, budgetTitle, reach } from "../../lib/budgets";
import { formatUsd } from "../../lib/money";
import { counted, percent } from "../../lib/numbers";
import { moment } from "../../lib/time";
import { titleOf, visible } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { BudgetBar } from "../../ui/Bars";
import { GivenLine } from "../../ui/Given";
import { BudgetTag, Tag } from "../../ui/Marks";

/** One budget: where it stands, and what can be done. */
export function BudgetCard({ budget, edit }: { budget: BudgetState; edit: () => void }) {
  const zone = useZone();
  return (
    <article className="budget" aria-label={titleOf(budgetTitle(budget))}>
      <div className="spread">
        <h3 className="clip" dir="auto" title={titleOf(budgetTitle(budget))}>
          {visible(budgetTitle(budget))}
        </h3>
        <span className="row">
          <Tag tone={budget.action === "stop" ? "bad" : "plain"}>{budget.action === "stop" ? "stops" : "warns"}</Tag>
          <BudgetTag state={budget.state} />
        </span>
      </div>
      <GivenLine names={reach(budget)} />
      <BudgetBar budget={budget} />
      <div className="spread wraps small">
        <span className="num">
          <b>{budgetSpent(budget)}</b> of {formatUsd(budget.limitUsd)}
        </span>
        <span className="num">{percent(budget.used)}</span>
      </div>
      <p className="small dim">{details(budget, zone.shown).join(" · ")}</p>
      <div className="actions">
        <Allow budget={budget} />
        <Button size="compact-xs" variant="default" onClick={edit}>
          Edit
        </Button>
        <Remove budget={budget} />
      </div>
    </article>
  );
}

function details(budget: BudgetState, zone: string): string[] {
  const { remainingUsd, heldUsd, reservedUsd, extraUsd, maxOvershootUsd, pausedUntil, warnPercents } = budget;
  const { unpricedCalls, lowerBoundCalls, scope, sessionId } = budget;
  const found: (string | null)[] = [
    scope === "session" && sessionId === null ? "of the running session that has used most" : null,
    remainingUsd < 0 ? `${formatUsd(-remainingUsd)} over` : `${formatUsd(remainingUsd)} left`,
    warnPercents.length > 0 ? `warns at ${warnPercents.join(", ")}%` : null,
    reservedUsd > 0 ? `${formatUsd(reservedUsd)} under way` : null,
    heldUsd > 0 ? `${formatUsd(heldUsd)} held` : null,
    extraUsd > 0 ? `${formatUsd(extraUsd)} allowed on top` : null,
    pausedUntil === null ? null : `paused until ${moment(pausedUntil, zone)}`,
    unpricedCalls > 0 ? `${counted(unpricedCalls, "unpriced call")} not in it` : null,
    lowerBoundCalls > 0 ? `${counted(lowerBoundCalls, "call")} at least` : null,
    maxOvershootUsd === null ? null : `at most ${formatUsd(maxOvershootUsd)} over`,
  ];
  return found.filter((one) => one !== null);
}

/** More money for this period: an agent that was stopped may go on. */
function Allow({ budget }: { budget: BudgetState }) {
  const [opened, setOpened] = useState(false);
  const [amount, setAmount] = useState("");
  const allow = $api.useMutation("post", "/api/v1/budgets/{budget_id}/allow", {
    onSuccess: () => {
      setOpened(false);
      setAmount("");
      void queryClient.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    allow.mutate({ params: { path: { budget_id: budget.id } }, body: { extraUsd: amount.trim() } });
  };
  return (
    <Popover opened={opened} onChange={setOpened} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button size="compact-xs" variant="default" onClick={() => setOpened(!opened)}>
          Allow more
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form className="row" onSubmit={submit}>
          <TextInput
            size="xs"
            w={150}
            inputMode="decimal"
            aria-label="Dollars on top"
            placeholder="dollars on top"
            value={amount}
            onChange={(event) => setAmount(event.currentTarget.value)}
            error={allow.isError ? failureOf(allow.error).message : undefined}
          />
          <Button size="xs" type="submit" loading={allow.isPending} disabled={amount.trim() === ""}>
            Allow
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function Remove({ budget }: { budget: BudgetState }) {
  const [sure, setSure] = useState(false);
  const remove = $api.useMutation("delete", "/api/v1/budgets/{budget_id}", {
    onSuccess: () => void queryClient.invalidateQueries(),
    onError: (error) => notifications.show({ color: "red", message: failureOf(error).message }),
  });
  if (!sure)
    return (
      <Button size="compact-xs" variant="default" onClick={() => setSure(true)}>
        Remove
      </Button>
    );
  return (
    <Button
      size="compact-xs"
      color="red"
      loading={remove.isPending}
      onBlur={() => setSure(false)}
      onClick={() => remove.mutate({ params: { path: { budget_id: budget.id } } })}
    >
      Really remove
    </Button>
  );
}
