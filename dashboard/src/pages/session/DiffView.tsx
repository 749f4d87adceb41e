import { Button } from "@mantine/core";
import { memo, useMemo, useState } from "react";

import { type DiffFile, type DiffLine, parseDiff } from "../../lib/diff";
import { highlight, languageOf } from "../../lib/highlight";
import { titleOf, visible } from "../../lib/words";
import { Given } from "../../ui/Given";

const FIRST_LINES = 600;

/** A diff, file by file, coloured as code. Everything in it is shown as text: nothing becomes markup. */
export default function DiffView({ text }: { text: string }) {
  const files = useMemo(() => parseDiff(text), [text]);
  return (
    <div className="stack">
      {files.map((file, at) => (
        <File key={`${file.path} ${at}`} file={file} />
      ))}
    </div>
  );
}

function File({ file }: { file: DiffFile }) {
  const [whole, setWhole] = useState(false);
  const language = languageOf(file.path);
  const lines = whole ? file.lines : file.lines.slice(0, FIRST_LINES);
  return (
    <section className="diff" aria-label={titleOf(file.path)}>
      <header className="spread">
        <Given name={file.path} className="mono clip" />
        <span className="num small">
          <span className="good">+{file.added}</span> <span className="bad">−{file.removed}</span>
        </span>
      </header>
      <div className="diff-lines" tabIndex={0} role="region" aria-label={`Changes in ${titleOf(file.path)}`}>
        <table>
          <tbody>
            {lines.map((line, at) => (
              <Line key={at} line={line} language={language} />
            ))}
          </tbody>
        </table>
      </div>
      {!whole && file.lines.length > FIRST_LINES && (
        <Button size="xs" variant="subtle" onClick={() => setWhole(true)}>
          Show {file.lines.length - FIRST_LINES} more lines
        </Button>
      )}
    </section>
  );
}

const SIGN: Record<DiffLine["kind"], string> = { context: " ", add: "+", del: "−", hunk: "", note: "" };

const Line = memo(function Line({ line, language }: { line: DiffLine; language: string | null }) {
  const plain = line.kind === "hunk" || line.kind === "note";
  const text = visible(line.text);
  return (
    <tr data-kind={line.kind}>
      <td className="diff-number">{line.old}</td>
      <td className="diff-number">{line.new}</td>
      <td className="diff-sign">{SIGN[line.kind]}</td>
      <td className="diff-code">{plain ? text : highlight(text, language)}</td>
    </tr>
  );
});
