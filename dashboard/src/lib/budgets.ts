import type { BudgetState } from "../api/schema";

const PERIODS: Record<BudgetState["period"], string> = { total: "in all", day: "per day", week: "per week", month: "per month" };

/** `per month, everything`, `per day, …/shop, by codex` */
export function reach(budget: BudgetState): string {
  const where = budget.scope === "project" ? (budget.project ?? "project") : budget.scope === "session" ? (budget.sessionId === null ? "every session on its own" : `session ${budget.sessionId}`) : "everything";
  return [PERIODS[budget.period], where, budget.agent ? `by ${budget.agent}` : null].filter(Boolean).join(" · ");
}
