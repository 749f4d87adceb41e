import { FilterBar } from "../../ui/Filters";
import { Head } from "../../ui/Panel";
import { SpanPicker } from "../../ui/SpanPicker";
import { CacheWastePanel } from "./CacheWastePanel";
import { ExpensivePanels } from "./ExpensivePanels";
import { HeatmapPanel } from "./HeatmapPanel";
import { HotspotPanel } from "./HotspotPanel";

/** What stands out. */
export default function InsightsPage() {
  return (
    <>
      <Head
        title="Insights"
        tools={
          <>
            <FilterBar />
            <SpanPicker usual="90d" />
          </>
        }
      />
      <HeatmapPanel />
      <div className="grid">
        <ExpensivePanels />
        <HotspotPanel className="half" />
        <CacheWastePanel className="half" />
      </div>
    </>
  );
}
