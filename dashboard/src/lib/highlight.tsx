import { common, createLowlight } from "lowlight";
import type { ReactNode } from "react";

const lowlight = createLowlight(common);

const BY_ENDING: Record<string, string> = {
  bash: "bash",
  c: "c",
  cc: "cpp",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  go: "go",
  graphql: "graphql",
  h: "c",
  hpp: "cpp",
  html: "xml",
  ini: "ini",
  java: "java",
  js: "javascript",
  json: "json",
  jsx: "javascript",
  kt: "kotlin",
  less: "less",
  lua: "lua",
  m: "objectivec",
  md: "markdown",
  mjs: "javascript",
  php: "php",
  pl: "perl",
  py: "python",
  pyi: "python",
  r: "r",
  rb: "ruby",
  rs: "rust",
  scss: "scss",
  sh: "bash",
  sql: "sql",
  svg: "xml",
  swift: "swift",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  vb: "vbnet",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
  zsh: "bash",
};

const LONGEST = 2_000;

/** The grammar for a file, by the end of its name. */
export function languageOf(path: string): string | null {
  const name = path.split("/").at(-1) ?? "";
  if (name === "Makefile") return "makefile";
  return BY_ENDING[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? null;
}

type Tree = ReturnType<typeof lowlight.highlight>;
type Leaf = Tree["children"][number];

/** One line of code as coloured text. */
export function highlight(text: string, language: string | null): ReactNode {
  if (language === null || text.length > LONGEST) return text;
  return lowlight.highlight(language, text).children.map(drawn);
}

function drawn(node: Leaf, at: number): ReactNode {
  if (node.type === "text") return node.value;
  if (node.type !== "element") return null;
  const names = node.properties["className"];
  return (
    <span key={at} className={Array.isArray(names) ? names.join(" ") : undefined}>
      {node.children.map((child, index) => drawn(child, index))}
    </span>
  );
}
