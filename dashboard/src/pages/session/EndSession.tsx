import { Button, Modal, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useState } from "react";

import { $api, failureOf, queryClient } from "../../api/client";
import { formatCost } from "../../lib/money";
import { said } from "../../lib/words";

/** End it, as `cs end` does, after being asked. */
export function EndSession({ id }: { id: number }) {
  const [opened, { open, close }] = useDisclosure();
  const [notes, setNotes] = useState("");
  const end = $api.useMutation("post", "/api/v1/sessions/{session_id}/end", {
    onSuccess: ({ session, warnings }) => {
      close();
      notifications.show({
        title: "Session ended",
        message: [`It cost ${formatCost(session.usage)}.`, ...warnings.map(said)].join(" "),
      });
      void queryClient.invalidateQueries();
    },
  });
  return (
    <>
      <Button size="xs" onClick={open}>
        End session
      </Button>
      <Modal opened={opened} onClose={close} title="End this session?" centered>
        <div className="stack">
          <p className="small dim">
            Commits and changed files since its start are collected now. The agent itself is not stopped.
          </p>
          <Textarea
            label="Closing note"
            description="Optional"
            autosize
            minRows={2}
            maxRows={8}
            value={notes}
            onChange={(event) => setNotes(event.currentTarget.value)}
          />
          {end.isError && <p className="bad small">{failureOf(end.error).message}</p>}
          <div className="row" style={{ justifyContent: "flex-end" }}>
            <Button size="xs" variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              size="xs"
              loading={end.isPending}
              onClick={() =>
                end.mutate({ params: { path: { session_id: id } }, body: { notes: notes.trim() || null } })
              }
            >
              End it
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
