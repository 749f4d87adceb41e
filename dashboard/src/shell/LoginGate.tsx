import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { unlock } from "../api/access";
import { useTitle } from "../lib/title";
import { $api, failureOf, queryClient } from "../api/client";

/** A browser that the server does not know: figures are only for whoever started it. */
export function LoginGate() {
  useTitle("Locked");
  const [token, setToken] = useState("");
  const login = $api.useMutation("post", "/api/v1/login", {
    onSuccess: () => {
      queryClient.clear();
      unlock();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ body: { token: token.trim() } });
  };
  return (
    <main className="gate">
      <form className="panel" onSubmit={submit}>
        <h1>This dashboard is locked</h1>
        <p className="dim">
          Its figures are for whoever started it. Open the address that <code>cs dashboard</code> printed, or paste its
          token here.
        </p>
        <PasswordInput
          label="Token"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoFocus
          error={login.isError ? failureOf(login.error).message : undefined}
        />
        <Button type="submit" loading={login.isPending} disabled={token.trim() === ""}>
          Unlock
        </Button>
      </form>
    </main>
  );
}
