import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";

/** One column: how a row is shown in it, and under which word the server sorts by it. */
export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** For screen readers and as a title where the header is short. */
  label?: string;
  className?: string;
  sort?: string;
  foot?: ReactNode;
}

export interface Sorting {
  by: string;
  order: "asc" | "desc";
  change: (by: string, order: "asc" | "desc") => void;
}

interface Content<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  sorting?: Sorting;
  /** What is shown below a row, if it is open. */
  below?: (row: Row) => ReactNode;
}

/** A table whose order is the server's; a click on a heading asks it for another one. */
export function DataTable<Row>({ label, rows, columns, rowKey, sorting, below }: Content<Row>) {
  const hasFoot = columns.some((column) => column.foot !== undefined);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.id} column={column} sorting={sorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const under = below?.(row);
            return (
              <Fragment key={rowKey(row)}>
                <tr data-open={under ? true : undefined}>
                  {columns.map((column) => (
                    <td key={column.id} className={column.className}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
                {under && (
                  <tr data-open>
                    <td colSpan={columns.length}>{under}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
        {hasFoot && (
          <tfoot>
            <tr>
              {columns.map((column) => (
                <td key={column.id} className={column.className}>
                  {column.foot}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

interface HeadingContent<Row> {
  column: Column<Row>;
  sorting: Sorting | undefined;
}

function Heading<Row>({ column, sorting }: HeadingContent<Row>) {
  const { sort, header } = column;
  if (sort === undefined || sorting === undefined)
    return (
      <th scope="col" className={column.className} title={column.label}>
        {header}
        {header === "" && <span className="hidden-visually">{column.label}</span>}
      </th>
    );
  const active = sorting.by === sort;
  const next = active && sorting.order === "desc" ? "asc" : "desc";
  const Arrow = sorting.order === "desc" ? IconArrowDown : IconArrowUp;
  return (
    <th
      scope="col"
      className={column.className}
      title={column.label}
      aria-sort={active ? (sorting.order === "desc" ? "descending" : "ascending") : "none"}
    >
      <button
        type="button"
        className="sort"
        data-active={active || undefined}
        onClick={() => sorting.change(sort, next)}
      >
        {header}
        {active && <Arrow size={13} aria-hidden="true" />}
      </button>
    </th>
  );
}
