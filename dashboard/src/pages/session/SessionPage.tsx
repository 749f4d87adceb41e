import { Tabs } from "@mantine/core";

import { $api } from "../../api/client";
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
              <section className="panel two-thirds" aria-label="What happened">
                <Tabs value={tab} onChange={choose} keepMounted={false}>
                  <Tabs.List mb="sm">
                    <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
                    <Tabs.Tab value="calls">Calls {detail.session.usage.calls}</Tabs.Tab>
                    <Tabs.Tab value="commits">Commits {detail.session.commits}</Tabs.Tab>
                    <Tabs.Tab value="files">Files {detail.session.filesChanged}</Tabs.Tab>
                    <Tabs.Tab value="notes">Notes {detail.notesCount}</Tabs.Tab>
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
              <Shares detail={detail} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
