import { Button } from "@mantine/core";

import { $api } from "../../api/client";
import type { BudgetState } from "../../api/schema";
import { useDialog } from "../../lib/dialog";
import { Head, Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";
import { AlarmPanel } from "./AlarmPanel";
import { BudgetCard } from "./BudgetCard";
import { BudgetForm } from "./BudgetForm";
import { HistoryPanel } from "./HistoryPanel";
import { RulesPanel } from "./RulesPanel";

/** Budgets and alert rules: the server's own, the same that the commands see. */
export default function BudgetsPage() {
  const budgets = $api.useQuery("get", "/api/v1/budgets");
  const form = useDialog<BudgetState | "new">();
  return (
    <>
      <Head
        title="Budgets & Alerts"
        tools={
          <Button size="xs" onClick={() => form.open("new")}>
            New budget
          </Button>
        }
      />
      <Panel
        title="Budgets"
        note="A budget warns at its levels; one that stops refuses calls once nothing is left, a strict one any that might go over"
      >
        <Loaded query={budgets}>
          {({ budgets: rows }) =>
            rows.length === 0 ? (
              <Empty title="No budget yet" command="cs budget set 50 --period month">
                Set one here, or on the command line.
              </Empty>
            ) : (
              <div className="budgets">
                {rows.map((budget) => (
                  <BudgetCard key={`${budget.id} ${budget.sessionId}`} budget={budget} edit={() => form.open(budget)} />
                ))}
              </div>
            )
          }
        </Loaded>
      </Panel>
      <div className="grid">
        <RulesPanel className="half" />
        <AlarmPanel className="half" />
      </div>
      <HistoryPanel />
      <BudgetForm dialog={form} />
    </>
  );
}
