import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server replaces the nonce in every answer; see web/pages.py.
export default defineConfig({
  plugins: [react()],
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "../src/codesession/web/static",
    emptyOutDir: true,
    target: "es2022",
    // Nothing is inlined as data: one policy for every file, and fonts are fetched only when a page uses them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:3737" } },
});
