import { createTheme, Modal, Notification, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const sea: MantineColorsTuple = [
  "#e6f7f3",
  "#cdece4",
  "#9dd9ca",
  "#69c5ae",
  "#42b497",
  "#2aa989",
  "#0f8069",
  "#0b6e5f",
  "#08594d",
  "#04443b",
];

const stone: MantineColorsTuple = [
  "#e9ebe8",
  "#c9cdc8",
  "#a3a9a2",
  "#858b84",
  "#3d433e",
  "#2d322e",
  "#232724",
  "#191c1a",
  "#121413",
  "#0c0e0d",
];

export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 6 },
  colors: { sea, dark: stone },
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, monospace',
  defaultRadius: "md",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Nothing moves when a dialog opens: the scrollbar stays where it is.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, closeButtonProps: { "aria-label": "Close" } } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } } }),
  },
});

/** The few colours that everything is drawn with; each text colour has 4.5:1 or more on both surfaces. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#1b1d1a",
    "--mantine-color-dimmed": "#5b5f58",
    "--mantine-color-placeholder": "#6a6e67",
    "--mantine-color-default-border": "#d8d8d0",
    "--mantine-color-error": "#b3261e",
    "--cs-ground": "#f5f5f1",
    "--cs-line": "#e4e4dd",
    "--cs-hover": "#f0f0ea",
    "--cs-accent": "#0b6e5f",
    "--cs-accent-soft": "#dff1ec",
    "--cs-good": "#1a6b3c",
    "--cs-warn": "#8a5300",
    "--cs-warn-soft": "#fbeed5",
    "--cs-bad": "#b3261e",
    "--cs-bad-soft": "#fbe6e3",
    "--cs-track": "#ebebe5",
    "--cs-add": "#e2f4e8",
    "--cs-del": "#fce8e6",
  },
  dark: {
    "--mantine-color-body": "#191c1a",
    "--mantine-color-text": "#e9ebe8",
    "--mantine-color-dimmed": "#a3a9a2",
    "--mantine-color-placeholder": "#949a93",
    "--mantine-color-default-border": "#3a403b",
    "--mantine-color-error": "#ff9187",
    "--cs-ground": "#101211",
    "--cs-line": "#2a2f2b",
    "--cs-hover": "#222624",
    "--cs-accent": "#5cd3b8",
    "--cs-accent-soft": "#16362f",
    "--cs-good": "#72d39a",
    "--cs-warn": "#f2b759",
    "--cs-warn-soft": "#3a2c12",
    "--cs-bad": "#ff9187",
    "--cs-bad-soft": "#43201d",
    "--cs-track": "#2b302c",
    "--cs-add": "#15301f",
    "--cs-del": "#3a1d1b",
  },
});
