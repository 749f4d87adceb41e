import {
  IconBolt,
  IconChartBar,
  IconCoins,
  IconCpu,
  IconFolder,
  IconHelp,
  IconLayoutDashboard,
  IconListDetails,
  IconRobot,
  IconSettings,
  IconWallet,
} from "@tabler/icons-react";

/** Every page, where it is, and the key after `g` that leads there. */
export const PLACES = [
  { path: "/", label: "Overview", key: "o", Icon: IconLayoutDashboard },
  { path: "/sessions", label: "Sessions", key: "s", Icon: IconListDetails },
  { path: "/models", label: "Models", key: "m", Icon: IconCpu },
  { path: "/agents", label: "Agents", key: "a", Icon: IconRobot },
  { path: "/projects", label: "Projects", key: "p", Icon: IconFolder },
  { path: "/insights", label: "Insights", key: "i", Icon: IconBolt },
  { path: "/budgets", label: "Budgets & Alerts", key: "b", Icon: IconWallet },
  { path: "/prices", label: "Prices", key: "r", Icon: IconCoins },
  { path: "/help", label: "Help", key: "h", Icon: IconHelp },
  { path: "/settings", label: "Settings", key: ",", Icon: IconSettings },
] as const;

/** Pages that are reached from others. */
export const MORE_PLACES = [
  { path: "/providers", label: "Providers", Icon: IconChartBar },
  { path: "/sources", label: "Sources", Icon: IconChartBar },
] as const;
