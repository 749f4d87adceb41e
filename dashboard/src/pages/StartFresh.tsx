import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { $api, failureOf, queryClient } from "../api/client";
import { counted } from "../lib/numbers";

/** Begin anew with an empty ledger: typed, not clicked, and with a backup first. */
export function StartFresh({ phrase }: { phrase: string }) {
  const [typed, setTyped] = useState("");
  const reset = $api.useMutation("post", "/api/v1/reset", {
    onSuccess: () => {
      setTyped("");
      void queryClient.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate({ body: { confirm: typed } });
  };
  return (
    <section className="panel danger" id="start-fresh" aria-labelledby="fresh-title">
      <div className="panel-head">
        <h2 id="fresh-title">Start fresh</h2>
        <span className="panel-note">
          An empty ledger. The present one is kept as a backup first; own prices and settings stay.
        </span>
      </div>
      <form className="row-wrap" onSubmit={submit}>
        <TextInput
          size="xs"
          w={260}
          label={
            <>
              Type <b>{phrase}</b> to confirm
            </>
          }
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={reset.isError ? failureOf(reset.error).message : undefined}
        />
        <Button
          size="xs"
          mt="auto"
          color="red"
          type="submit"
          disabled={typed.trim().toLowerCase() !== phrase}
          loading={reset.isPending}
        >
          Start fresh
        </Button>
      </form>
      {reset.data && (
        <p role="status" className="small">
          {counted(reset.data.sessions, "session")} and {counted(reset.data.calls, "call")} are in the backup:{" "}
          <span className="mono">{reset.data.backup}</span>
        </p>
      )}
    </section>
  );
}
