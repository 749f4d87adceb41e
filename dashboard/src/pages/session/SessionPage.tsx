import { Tabs } from "@mantine/core";

import { $api } from "../../api/client";
import { compact } from "../../lib/numbers";
import { oneOf, useUrl } from "../../lib/url";
import { Head } from "../../ui/Panel";
import { Loaded } from "../../ui/States";
import { Calls } from "./Calls";
import { Commits } from "./Commits";
import { Files } from "./Files";
import { Header } from "./Header";
import { Notes } from "./Notes";
import { Shares } from "./Shares";
import { Timeline } from "./Timeline";

const TABS = ["timeline", "calls", "commits", "files", "notes"] as const;
/** Tables of many columns and code need the whole width. */
const WIDE: ReadonlySet<string> = new Set(["calls", "files"]);

/** One session, whole. */
export default function SessionPage({ id }: { id: number }) {
  const url = useUrl();
  const tab = oneOf(url.get("tab"), TABS);
  const session = $api.useQuery("get", "/api/v1/sessions/{session_id}", { params: { path: { session_id: id } } });
  const choose = (next: string | null) => url.set({ tab: next === "timeline" ? null : next, file: null, commit: null });
  return (
    <>
      {session.data === undefined && <Head title={`Session ${id}`} />}
      <Loaded query={session} height={300}>
        {(detail) => (
          <>
            <Header detail={detail} />
            <div className="grid">
              <section className={WIDE.has(tab) ? "panel" : "panel two-thirds"} aria-label="What happened">
                <Tabs value={tab} onChange={choose} keepMounted={false}>
                  <Tabs.List mb="sm">
                    <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
                    <Tabs.Tab value="calls" rightSection={<Count of={detail.session.usage.calls} />}>
                      Calls
                    </Tabs.Tab>
                    <Tabs.Tab value="commits" rightSection={<Count of={detail.session.commits} />}>
                      Commits
                    </Tabs.Tab>
                    <Tabs.Tab value="files" rightSection={<Count of={detail.session.filesChanged} />}>
                      Files
                    </Tabs.Tab>
                    <Tabs.Tab value="notes" rightSection={<Count of={detail.notesCount} />}>
                      Notes
                    </Tabs.Tab>
                  </Tabs.List>
                  <Tabs.Panel value="timeline">
                    <Timeline id={id} />
                  </Tabs.Panel>
                  <Tabs.Panel value="calls">
                    <Calls id={id} detail={detail} />
                  </Tabs.Panel>
                  <Tabs.Panel value="commits">
                    <Commits id={id} />
                  </Tabs.Panel>
                  <Tabs.Panel value="files">
                    <Files id={id} diffable={detail.diffAvailable} />
                  </Tabs.Panel>
                  <Tabs.Panel value="notes">
                    <Notes id={id} />
                  </Tabs.Panel>
                </Tabs>
              </section>
              <Shares detail={detail} className={WIDE.has(tab) ? "thirds" : "third stack side-stack"} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function Count({ of }: { of: number }) {
  return <span className="num dim small">{compact(of)}</span>;
}
