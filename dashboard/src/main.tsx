import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "./ui/ui.css";

import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queryClient } from "./api/client";
import { Pages } from "./pages/Pages";
import { Boundary } from "./shell/Boundary";
import { Shell } from "./shell/Shell";
import { theme, variables } from "./theme";

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
// Dialogs lock the page's scrolling with a style element of their own, which needs the nonce too.
setNonce(nonce);

const colors = localStorageColorSchemeManager({ key: "codesession.scheme" });
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place to draw in");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={colors}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="top-right" />
        <Shell>
          <Boundary>
            <Pages />
          </Boundary>
        </Shell>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
