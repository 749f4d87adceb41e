import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import {
  type ColumnDef,
  flexRender,
  type RowData,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { Fragment, type ReactNode } from "react";

const features = tableFeatures({ rowSortingFeature });

/** One column: how a row is shown in it, and under which word the server sorts by it. */
export interface Column<Row extends RowData> {
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

interface Content<Row extends RowData> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  sorting?: Sorting;
  /** What is shown below a row, if it is open. */
  below?: (row: Row) => ReactNode;
}

/** A table whose order is the server's; a click on a heading asks it for another one. */
export function DataTable<Row extends RowData>({ label, rows, columns, rowKey, sorting, below }: Content<Row>) {
  const table = useTable({
    features,
    data: rows,
    columns: columns.map((column): ColumnDef<typeof features, Row> => ({
      id: column.id,
      header: () => column.header,
      cell: ({ row }) => column.cell(row.original),
    })),
    getRowId: (row) => String(rowKey(row)),
    manualSorting: true,
  });
  const byId = new Map(columns.map((column) => [column.id, column]));
  const hasFoot = columns.some((column) => column.foot !== undefined);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <Heading key={header.id} column={byId.get(header.column.id)} sorting={sorting}>
                  {flexRender(header.column.columnDef.header, header.getContext())}
                </Heading>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => {
            const under = below?.(row.original);
            return (
              <Fragment key={row.id}>
                <tr data-open={under ? true : undefined}>
                  {row.getAllCells().map((cell) => (
                    <td key={cell.id} className={byId.get(cell.column.id)?.className}>
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
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

interface HeadingContent<Row extends RowData> {
  column: Column<Row> | undefined;
  sorting: Sorting | undefined;
  children: ReactNode;
}

function Heading<Row extends RowData>({ column, sorting, children }: HeadingContent<Row>) {
  const sort = column?.sort;
  if (sort === undefined || sorting === undefined)
    return (
      <th scope="col" className={column?.className} title={column?.label}>
        {children}
        {children === "" && <span className="hidden-visually">{column?.label}</span>}
      </th>
    );
  const active = sorting.by === sort;
  const next = active && sorting.order === "desc" ? "asc" : "desc";
  const Arrow = sorting.order === "desc" ? IconArrowDown : IconArrowUp;
  return (
    <th
      scope="col"
      className={column?.className}
      title={column?.label}
      aria-sort={active ? (sorting.order === "desc" ? "descending" : "ascending") : "none"}
    >
      <button
        type="button"
        className="sort"
        data-active={active || undefined}
        onClick={() => sorting.change(sort, next)}
      >
        {children}
        {active && <Arrow size={13} aria-hidden="true" />}
      </button>
    </th>
  );
}
