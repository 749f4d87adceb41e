import { Button, Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { keepPreviousData } from "@tanstack/react-query";

import { $api, SLOW, STILL } from "../../api/client";
import type { ChangedFile } from "../../api/schema";
import { later } from "../../lib/later";
import { bytes } from "../../lib/numbers";
import { useLastPage, usePage, useUrl } from "../../lib/url";
import { titleOf, visible } from "../../lib/words";
import { Pager } from "../../ui/Pager";
import { Empty, Loaded } from "../../ui/States";

const DiffView = later(() => import("./DiffView"));

const LIMIT = 200;
const SIGNS: Record<ChangedFile["changeType"], [string, string]> = {
  created: ["+", "good"],
  modified: ["~", "warn"],
  deleted: ["−", "bad"],
};

/** The files that were changed, and what git says has changed in them. */
export function Files({ id, diffable }: { id: number; diffable: boolean }) {
  const url = useUrl();
  const { page, offset, toPage } = usePage(LIMIT);
  const path = url.get("file");
  const commit = url.get("commit");
  const files = $api.useQuery(
    "get",
    "/api/v1/sessions/{session_id}/files",
    { params: { path: { session_id: id }, query: { limit: LIMIT, offset } } },
    { meta: SLOW, placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, files.data?.found);
  const show = (file: string | null) => url.set({ file, page: url.get("page") });
  return (
    <Loaded query={files}>
      {({ files: rows, found }) =>
        rows.length === 0 && commit === null ? (
          <Empty title="No changed file">
            What git sees as changed between start and end of the session is listed here.
          </Empty>
        ) : (
          <div className="files">
            <div className="stack">
              <Button
                size="xs"
                variant={path === null ? "light" : "default"}
                onClick={() => show(null)}
                aria-pressed={path === null}
              >
                All changes
              </Button>
              {commit && (
                <Button size="xs" variant="subtle" onClick={() => url.set({ commit: null })}>
                  Commit {commit.slice(0, 8)} ×
                </Button>
              )}
              <ul className="stack-tight file-list">
                {rows.map((file) => (
                  <li key={file.id}>
                    <button
                      type="button"
                      className="link file"
                      aria-current={path === file.filePath || undefined}
                      title={titleOf(file.filePath)}
                      onClick={() => show(file.filePath)}
                    >
                      <b className={`mono ${SIGNS[file.changeType][1]}`} aria-label={file.changeType}>
                        {SIGNS[file.changeType][0]}
                      </b>
                      <span className="clip mono path">{visible(file.filePath)}</span>
                    </button>
                  </li>
                ))}
              </ul>
              {found > LIMIT && <Pager page={page} limit={LIMIT} found={found} toPage={toPage} noun="files" />}
            </div>
            {diffable ? (
              <DiffOf id={id} path={path} commit={commit} />
            ) : (
              <Empty title="No diff">The repository of this session is not there any more.</Empty>
            )}
          </div>
        )
      }
    </Loaded>
  );
}

function DiffOf({ id, path, commit }: { id: number; path: string | null; commit: string | null }) {
  const diff = $api.useQuery(
    "get",
    "/api/v1/sessions/{session_id}/diff",
    { params: { path: { session_id: id }, query: { path: path ?? undefined, commit: commit ?? undefined } } },
    { meta: STILL, staleTime: 5_000 },
  );
  return (
    <Loaded query={diff} height={320}>
      {(found) =>
        found.text === "" ? (
          <Empty title="No difference">It is as it was at the start, or git does not follow it.</Empty>
        ) : (
          <div className="stack">
            {found.truncated && <div className="banner">Only the first {bytes(found.limitBytes)} are shown.</div>}
            <Suspense fallback={<Skeleton height={320} />}>
              <DiffView text={found.text} />
            </Suspense>
          </div>
        )
      }
    </Loaded>
  );
}
