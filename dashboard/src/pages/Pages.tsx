import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";

import { Empty } from "../ui/States";
import { Head } from "../ui/Panel";
import { OverviewPage } from "./overview/OverviewPage";

// The first page comes with the frame; every other one when it is gone to.
const SessionsPage = lazy(() => import("./sessions/SessionsPage"));
const SessionPage = lazy(() => import("./session/SessionPage"));
const ComparePage = lazy(() => import("./sessions/ComparePage"));
const BreakdownPage = lazy(() => import("./breakdown/BreakdownPage"));
const InsightsPage = lazy(() => import("./insights/InsightsPage"));
const BudgetsPage = lazy(() => import("./budgets/BudgetsPage"));
const PricesPage = lazy(() => import("./prices/PricesPage"));
const HelpPage = lazy(() => import("./HelpPage"));
const SettingsPage = lazy(() => import("./SettingsPage"));

const DIMENSIONS = {
  "/models": "model",
  "/agents": "agent",
  "/projects": "project",
  "/providers": "provider",
  "/sources": "source",
} as const;

export function Pages() {
  return (
    <Suspense fallback={<Skeleton height={240} radius="md" />}>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/sessions" component={SessionsPage} />
        <Route path={/^\/sessions\/(?<id>\d+)\/?$/}>{({ id }) => <SessionPage key={id} id={Number(id)} />}</Route>
        <Route path="/compare" component={ComparePage} />
        {Object.entries(DIMENSIONS).map(([path, by]) => (
          <Route key={path} path={path}>
            <BreakdownPage key={by} by={by} />
          </Route>
        ))}
        <Route path="/insights" component={InsightsPage} />
        <Route path="/budgets" component={BudgetsPage} />
        <Route path="/prices" component={PricesPage} />
        <Route path="/help" component={HelpPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route>
          <Head title="Nothing here" />
          <Empty title="There is no such page">The pages are in the menu; press / to search.</Empty>
        </Route>
      </Switch>
    </Suspense>
  );
}
