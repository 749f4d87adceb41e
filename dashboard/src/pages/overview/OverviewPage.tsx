import { $api } from "../../api/client";
import { useZone } from "../../lib/zone";
import { FilterBar } from "../../ui/Filters";
import { Head } from "../../ui/Panel";
import { SpanPicker } from "../../ui/SpanPicker";
import { Loaded } from "../../ui/States";
import { BudgetPanel } from "./BudgetPanel";
import { CostOverTime } from "./CostOverTime";
import { KeyFigures } from "./KeyFigures";
import { MixPanel } from "./MixPanel";
import { ProjectionPanel } from "./ProjectionPanel";
import { RunningPanel } from "./RunningPanel";
import { VelocityPanel } from "./VelocityPanel";
import { FirstSteps, isEmpty } from "./FirstSteps";

/** Where spending stands. */
export function OverviewPage() {
  const zone = useZone();
  const overview = $api.useQuery("get", "/api/v1/overview", { params: { query: { zone: zone.asked } } });
  return (
    <>
      <Head title="Overview" />
      <Loaded query={overview} height={112}>
        {(found) => (
          <>
            {isEmpty(found) && <FirstSteps />}
            <KeyFigures overview={found} />
          </>
        )}
      </Loaded>
      {overview.data !== undefined && isEmpty(overview.data) ? null : (
        <>
          <OverTime />
          <div className="grid">
            <Loaded query={overview} height={240}>
              {(found) => (
                <>
                  <ProjectionPanel overview={found} className="third" />
                  <BudgetPanel budgets={found.budgets} className="third" />
                  <VelocityPanel velocity={found.velocity} className="third" />
                  <RunningPanel overview={found} />
                </>
              )}
            </Loaded>
          </div>
        </>
      )}
    </>
  );
}

/** The only part of the page that time and filters are for: they stand with it. */
function OverTime() {
  return (
    <section className="chosen" aria-label="Over time">
      <div className="row-wrap">
        <h2>Over time</h2>
        <div className="swipe">
          <FilterBar />
          <SpanPicker usual="30d" />
        </div>
      </div>
      <div className="grid">
        <CostOverTime className="two-thirds" />
        <MixPanel className="third" />
      </div>
    </section>
  );
}
