import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { $api, failureOf, queryClient } from "../../api/client";
import { fullMoment } from "../../lib/time";
import { visible } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { Empty, Loaded } from "../../ui/States";

/** What was remarked, and a place to add to it. */
export function Notes({ id }: { id: number }) {
  const zone = useZone();
  const notes = $api.useQuery("get", "/api/v1/sessions/{session_id}/notes", { params: { path: { session_id: id } } });
  return (
    <div className="stack">
      <Loaded query={notes} height={80}>
        {({ notes: rows }) =>
          rows.length === 0 ? (
            <Empty title="No note yet" command={`cs note -s ${id} "what to remember"`} />
          ) : (
            <ul className="list">
              {rows.map((note) => (
                <li key={note.id}>
                  <p className="pre" dir="auto">
                    {visible(note.message)}
                  </p>
                  <span className="small dim">{fullMoment(note.timestamp, zone.shown)}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <NewNote id={id} />
    </div>
  );
}

function NewNote({ id }: { id: number }) {
  const [message, setMessage] = useState("");
  const add = $api.useMutation("post", "/api/v1/sessions/{session_id}/notes", {
    onSuccess: () => {
      setMessage("");
      void queryClient.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ params: { path: { session_id: id } }, body: { message: message.trim() } });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Textarea
        label="Add a note"
        autosize
        minRows={2}
        maxRows={12}
        maxLength={100_000}
        value={message}
        onChange={(event) => setMessage(event.currentTarget.value)}
        error={add.isError ? failureOf(add.error).message : undefined}
      />
      <div>
        <Button size="xs" type="submit" disabled={message.trim() === ""} loading={add.isPending}>
          Add note
        </Button>
      </div>
    </form>
  );
}
